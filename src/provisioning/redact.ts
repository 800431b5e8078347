/**
 * What of a request may be kept: its JSON without what is secret, and of bounded size. Pure.
 *
 * Secret is the value of every attribute that no answer ever shows (RFC 7643 7: `returned: never`, `writeOnly`), wherever a
 * client puts it: under its name in any letter case, qualified or dotted; beside a path that names it; in a filter; in JSON that
 * is itself a text. Whatever else is called a password, a secret or a token is treated alike, also where no schema knows it.
 * When in doubt it is left out. What nothing calls a secret is kept, unless it stands under such a name elsewhere in the request.
 */
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { Attribute, ResourceType } from '../scim/schema/types.ts'

export interface Kept {
  readonly value: Json
  /** More was sent than is kept. */
  readonly truncated: boolean
  /** A secret was left out. */
  readonly redacted: boolean
  /** A filter or a path was left out because it names something secret: the request cannot be made again as it was. */
  readonly obscured: boolean
}

/** Whether a text names something secret. */
export type Secrets = (name: string) => boolean

export const mask = '***'

const always = 'passw(?:or)?d|secret|token|authorization|credential|api_?key|private_?key|cookie'

/** @param types whatever a client may send. */
export function secretsOf(types: readonly ResourceType[]): Secrets {
  const names = types.flatMap(({ attributes, extensions }) =>
    [attributes, ...[...extensions.values()].map(extension => extension.attributes)].flatMap(hiddenNames)
  )
  const own = [...new Set(names)].map(name => name.replaceAll(/[^\w]/g, '\\$&')).join('|')
  const named = own === '' ? '' : `|(?:^|[^a-z0-9])(?:${own})(?![a-z0-9])`
  const pattern = new RegExp(`${always}${named}`, 'i')
  return name => pattern.test(name)
}

function hiddenNames(attributes: ReadonlyMap<string, Attribute>): readonly string[] {
  return [...attributes.values()].flatMap(({ name, returned, mutability, sub }) =>
    returned === 'never' || mutability === 'writeOnly' ? [name] : hiddenNames(sub)
  )
}

interface Walk {
  readonly secrets: Secrets
  /** Texts that are secret wherever they stand. */
  readonly known: readonly string[]
  /** Texts that stood under the name of something secret. */
  readonly found: Set<string>
  /** Characters that may still be kept. */
  left: number
  truncated: boolean
  redacted: boolean
  obscured: boolean
}

/** Levels of JSON within texts within JSON that are opened; below, such a text is left out. */
const textDepthMax = 3

/**
 * @param lengthMax characters of JSON that are kept, give or take a mark of what was cut.
 * @param known texts that are left out wherever they stand.
 */
export function keep(value: unknown, secrets: Secrets, lengthMax: number, known: readonly string[] = []): Kept {
  const walk = begin(secrets, lengthMax, known)
  const kept = visit(value as Json, walk, 0)
  const { truncated, redacted, obscured } = walk
  return { value: kept, truncated, redacted, obscured }
}

/** The texts that stand under the name of something secret: wherever else in the request they stand, they are secret there too. */
export function secretsIn(value: unknown, secrets: Secrets): readonly string[] {
  const walk = begin(secrets, Number.POSITIVE_INFINITY, [])
  visit(value as Json, walk, 0)
  return [...walk.found]
}

function begin(secrets: Secrets, left: number, known: readonly string[]): Walk {
  return { secrets, known, found: new Set(), left, truncated: false, redacted: false, obscured: false }
}

function visit(value: Json, walk: Walk, textDepth: number): Json {
  if (typeof value === 'string') return visitText(value, walk, textDepth)
  if (Array.isArray(value)) return visitArray(value, walk, textDepth)
  if (isObject(value)) return visitObject(value, walk, textDepth)
  walk.left -= 5
  return value ?? null
}

function visitArray(values: readonly Json[], walk: Walk, textDepth: number): Json {
  const kept: Json[] = []
  for (const value of values) {
    if (walk.left <= 0) return [...kept, cut(walk, values.length - kept.length)]
    walk.left -= 2
    kept.push(visit(value, walk, textDepth))
  }
  return kept
}

function visitObject(object: JsonObject, walk: Walk, textDepth: number): JsonObject {
  const names = Object.keys(object)
  const besideSecret = names.some(name => isPlace(name) && isSecretText(object[name], walk))
  const kept: [string, Json][] = []
  for (const name of names) {
    if (walk.left <= 0) {
      kept.push(['…', cut(walk, names.length - kept.length)])
      break
    }
    walk.left -= name.length + 4
    kept.push([
      shortened(withoutKnown(name, walk), walk),
      member(name, object[name] ?? null, walk, textDepth, besideSecret)
    ])
  }
  return Object.fromEntries(kept)
}

function member(name: string, value: Json, walk: Walk, textDepth: number, besideSecret: boolean): Json {
  if (isPlace(name)) return visitPlace(value, walk, textDepth)
  // A name alone says nothing of whether there was a value: null and what is empty stay.
  const secret = walk.secrets(name) || (besideSecret && name.toLowerCase() === 'value')
  if (!secret || value === null) return visit(value, walk, textDepth)
  learn(value, walk)
  return masked(walk)
}

/** Members whose text names attributes: of a PATCH operation, and of a list request. */
const places = new Set(['path', 'filter', 'sortby'])

const isPlace = (name: string) => name.length <= 6 && places.has(name.toLowerCase())

const isSecretText = (value: Json | undefined, { secrets }: Walk) => typeof value === 'string' && secrets(value)

/** A plain name may stay. What compares with a value may hold the secret itself. */
function visitPlace(value: Json, walk: Walk, textDepth: number): Json {
  if (Array.isArray(value)) return value.map(one => visitPlace(one, walk, textDepth))
  if (typeof value !== 'string' || !walk.secrets(value) || /^[\w:.$-]+$/.test(value))
    return visit(value, walk, textDepth)
  walk.obscured = true
  return masked(walk)
}

function visitText(text: string, walk: Walk, textDepth: number): Json {
  const opened = /^\s*[[{]/.test(text) ? openJson(text, walk, textDepth) : undefined
  const clean = withoutKnown(opened ?? withoutTokens(text, walk), walk)
  return shortened(clean, walk)
}

/** JSON in a text: the same text where nothing in it is secret. What cannot be read and names a secret is left out. */
function openJson(text: string, walk: Walk, textDepth: number): string | undefined {
  // Escapes may hide a name from whoever looks at the text alone.
  if (!walk.secrets(text) && !text.includes('\\')) return undefined
  const inner: Walk = { ...walk, left: Number.POSITIVE_INFINITY, redacted: false }
  const value = textDepth < textDepthMax ? parsed(text) : undefined
  if (value === undefined) return walk.secrets(text) || textDepth >= textDepthMax ? masked(walk) : undefined
  const kept = visit(value, inner, textDepth + 1)
  walk.obscured ||= inner.obscured
  if (!inner.redacted) return undefined
  walk.redacted = true
  return JSON.stringify(kept)
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** Tokens of ours, where somebody pasted one. */
const ours = /usher_[a-z]+_[A-Za-z0-9]{20,}/g

function withoutTokens(text: string, walk: Walk): string {
  if (!text.includes('usher_')) return text
  const clean = text.replaceAll(ours, mask)
  walk.redacted ||= clean !== text
  return clean
}

/** Shorter texts are words that stand anywhere. */
const secretLengthMin = 8

function learn(value: Json, walk: Walk): void {
  if (typeof value === 'string') {
    if (value.length >= secretLengthMin) walk.found.add(value)
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) learn(inner, walk)
  }
}

function withoutKnown(text: string, walk: Walk): string {
  const clean = walk.known.reduce((left, secret) => left.replaceAll(secret, mask), text)
  walk.redacted ||= clean !== text
  return clean
}

function shortened(text: string, walk: Walk): string {
  if (text.length <= walk.left) {
    walk.left -= text.length + 2
    return text
  }
  const kept = text.slice(0, Math.max(walk.left, 0)).toWellFormed()
  walk.left = 0
  walk.truncated = true
  return `${kept}…`
}

function masked(walk: Walk): string {
  walk.left -= mask.length
  walk.redacted = true
  return mask
}

/** Stands where the rest would. */
function cut(walk: Walk, more: number): string {
  walk.truncated = true
  return `… ${more} more`
}
