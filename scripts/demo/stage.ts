/** How the demo looks: plain ANSI, none of it where it would not be seen as colours. */
import { stripVTControlCharacters, styleText } from 'node:util'
import type { Company, Figures } from './company.ts'

type Style = Parameters<typeof styleText>[0]

// `styleText` looks at NO_COLOR, FORCE_COLOR and whether somebody watches.
const paint = (style: Style) => (text: string | number) => styleText(style, String(text), { stream: process.stdout })

export const bold = paint('bold')
export const dim = paint('dim')
const [green, red, yellow] = [paint('green'), paint('red'), paint('yellow')]

/** A status that was hoped for. */
export const good = (status: number) => (status < 300 ? green(status) : red(`${status} (unexpected)`))
/** A status that says no, as it should. */
export const refused = (status: number) =>
  status >= 400 && status < 500 ? yellow(status) : red(`${status} (unexpected)`)

export function step(time: string, text: string): void {
  console.log(`\n${dim(time)}  ${bold(text)}`)
}

/** Columns of a request: what was asked, the status, what came of it. A refusal's sentence gets a line of its own. */
export function say(asked: string, status: string, note = ''): void {
  const text = stripVTControlCharacters(note)
  const apart = text.length > noteWidthMax ? `\n${' '.repeat(12)}` : '  '
  console.log(`       ${pad(asked, 24)}  ${status}${note === '' ? '' : apart + note}`)
}

const noteWidthMax = 60

const pad = (text: string, width: number) =>
  text + ' '.repeat(Math.max(0, width - stripVTControlCharacters(text).length))

export function tell(text: string): void {
  console.log(`       ${text}`)
}

/** Bars are no longer than this. */
const barWidthMax = 40

export async function seatTable(company: Company): Promise<void> {
  const seats = await company.seats()
  console.log(dim('\n       license  bought  in use  free'))
  for (const type of ['PWM', 'PAM'] as const) console.log(row(type, seats[type]))
}

function row(type: string, { purchased, inUse, free }: Figures): string {
  const taken = Math.round((inUse / Math.max(purchased, 1)) * Math.min(purchased, barWidthMax))
  const bar = '■'.repeat(taken) + dim('□'.repeat(Math.max(0, Math.min(purchased, barWidthMax) - taken)))
  const cells = [String(purchased).padStart(6), String(inUse).padStart(6), String(free).padStart(4)]
  return `       ${bold(type.padEnd(7))}  ${cells.join('  ')}  ${free === 0 ? yellow(bar) : bar}`
}
