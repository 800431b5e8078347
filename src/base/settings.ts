/** What a setting is, and how its text is read. */
import { isIP } from 'node:net'

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Seats of each type that the first organisation bought. */
export interface BoughtSeats {
  readonly PWM: number
  readonly PAM: number
}

/** How the text of a setting is read. */
export interface Kind<T> {
  /** Behind "must be". */
  readonly expected: string
  /** undefined: this text is none. */
  read(text: string): T | undefined
  show?(value: T): string
}

export interface Setting<T> {
  readonly env: string
  readonly kind: Kind<T>
  readonly default: T
  readonly about: string
}

export function setting<T>(env: string, kind: Kind<T>, byDefault: T, about: string): Setting<T> {
  return { env, kind, default: byDefault, about }
}

export const text: Kind<string> = { expected: 'a text', read: value => value }

export function integer(min: number, max: number, unit?: string): Kind<number> {
  return {
    expected: `a whole number ${unit === undefined ? '' : `of ${unit} `}from ${min} to ${max}`,
    read: value => {
      const number = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN
      return number >= min && number <= max ? number : undefined
    }
  }
}

export const yesNo: Kind<boolean> = {
  expected: 'true or false',
  read: value => (value === 'true' || value === 'false' ? value === 'true' : undefined)
}

export const logLevel: Kind<LogLevel> = {
  expected: `one of ${logLevels.join(', ')}`,
  read: value => logLevels.find(level => level === value)
}

const provisioningLogModes = ['all', 'changes', 'off'] as const

export const provisioningLog: Kind<(typeof provisioningLogModes)[number]> = {
  expected: `one of ${provisioningLogModes.join(', ')}`,
  read: value => provisioningLogModes.find(mode => mode === value)
}

export const mongodbUri: Kind<string> = {
  expected: 'a MongoDB connection string, mongodb://… or mongodb+srv://…',
  read: value => (/^mongodb(\+srv)?:\/\/[^/]/.test(value) ? value : undefined),
  // User, password and options stay unseen: some options are secrets too.
  show: value => value.replace(/\/\/.*@/, '//***@').replace(/\?.*$/, '')
}

export const token: Kind<string> = {
  expected: 'a text of 32 to 512 letters, digits and -._~+/= (openssl rand -base64 33)',
  read: value => (/^[A-Za-z0-9._~+/=-]{32,512}$/.test(value) ? value : undefined),
  show: () => '*** (set)'
}

export const url: Kind<string> = {
  expected: 'an http or https address without query, https://usher.example.com',
  read: value => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) return undefined
    return parsed.search + parsed.hash + parsed.username === '' ? parsed.href.replace(/\/+$/, '') : undefined
  }
}

/** Fastify's words for whom to believe: everybody, nobody, or these addresses. */
export const proxies: Kind<boolean | readonly string[]> = {
  expected: 'true, false, or addresses and networks (10.0.0.0/8, ::1, loopback) with commas between',
  read: value => {
    if (value === 'true' || value === 'false') return value === 'true'
    const list = value.split(',').map(item => item.trim())
    return list.every(isNetwork) ? list : undefined
  },
  show: value => String(value)
}

function isNetwork(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/')
  const version = isIP(address)
  if (version === 0) return ['loopback', 'linklocal', 'uniquelocal'].includes(value)
  if (bits === undefined) return true
  return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
}

export const seats: Kind<BoughtSeats> = {
  expected: 'license types with their seats, at least one in all, up to 1000000 each: PWM=25,PAM=5',
  read: value => {
    const bought = { PWM: 0, PAM: 0 }
    const seen = new Set<string>()
    for (const part of value.split(',')) {
      const [, type, quantity] = /^\s*(PWM|PAM)\s*=\s*(\d{1,7})\s*$/.exec(part) ?? []
      if ((type !== 'PWM' && type !== 'PAM') || seen.has(type) || Number(quantity) > 1_000_000) return undefined
      seen.add(type)
      bought[type] = Number(quantity)
    }
    return bought.PWM + bought.PAM === 0 ? undefined : bought
  },
  show: ({ PWM, PAM }) => `PWM=${PWM},PAM=${PAM}`
}
