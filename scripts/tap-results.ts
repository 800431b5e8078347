/**
 * Reads what `tap --reporter=tap` prints (TAP 14), and counts what was really looked at. Of tap's reporters this one alone
 * lets the error output of a test file that crashes through.
 */

export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export interface Failure {
  /** Subtests from the outside in. */
  readonly title: string
  /** The details that tap gives: where, why, the difference. */
  readonly text: string
}

export interface FileResult extends Totals {
  readonly name: string
  readonly ms: number
  readonly failures: readonly Failure[]
}

export const none: Totals = { passed: 0, failed: 0, skipped: 0 }

export function sum(all: readonly Totals[]): Totals {
  const add = (a: Totals, b: Totals) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped
  })
  return all.reduce(add, none)
}

/** The line that ends every run. */
export function lastLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

interface Point {
  readonly level: number
  readonly ok: boolean
  readonly name: string
  readonly directive: 'skip' | 'todo' | undefined
  readonly ms: number
}

/** A test that is under way: a file or a subtest. */
interface Open {
  readonly name: string
  readonly totals: Totals[]
  readonly failures: MutableFailure[]
}

interface MutableFailure {
  readonly title: string
  text: string
}

/**
 * Takes the lines of the output one by one; `onFile` hears of every test file as it ends.
 *
 * Counted is what has nothing inside it: an assertion, or a subtest without any (it passed by not throwing). A file or
 * subtest that failed although nothing in it did (a crash, a timeout, a broken plan, no tests at all) is one
 * failure. What was marked as todo counts as skipped.
 */
export function tapResults(onFile: (file: FileResult) => void): (line: string) => void {
  // By level: at 0 the file, whose end is told at level 0; at 1 its subtest ...
  const under: Open[] = []
  // A test point's details stand behind it, so a file is told of when the next line shows that they are complete.
  let told: FileResult | undefined
  let failure: MutableFailure | undefined
  let detailsIndent: string | undefined

  function open(level: number, name: string): Open {
    const opened = { name, totals: [], failures: [] }
    under[level] = opened
    return opened
  }

  function failed(level: number, name: string): MutableFailure {
    const around = under.slice(0, level).map(test => test.name)
    failure = { title: [...around, name].filter(Boolean).join(' > '), text: '' }
    return failure
  }

  function count(level: number, totals: Totals, failures: readonly MutableFailure[]): void {
    if (level === 0) return
    // tap leaves out the head of a buffered subtest.
    const around = under[level - 1] ?? open(level - 1, '')
    around.totals.push(totals)
    around.failures.push(...failures)
  }

  function result(point: Point): void {
    failure = undefined
    const { level, ok, name, directive, ms } = point
    // A file that was skipped or fell over before its first line has no head either.
    const { totals: inside, failures: known } = under[level] ?? open(level, name)
    under.length = level
    const below = sum(inside)
    const brokenItself = !ok && directive === undefined && below.failed === 0
    const alone = inside.length === 0 && !brokenItself ? one(directive === undefined ? 'passed' : 'skipped') : none
    const totals = sum([below, alone, brokenItself ? one('failed') : none])
    const failures = brokenItself ? [...known, failed(level, name)] : known
    count(level, totals, failures)
    if (level === 0) told = { ...totals, name, ms, failures }
  }

  return line => {
    if (detailsIndent !== undefined) {
      if (line === `${detailsIndent}...`) detailsIndent = undefined
      else if (failure !== undefined) failure.text += `${line.slice(detailsIndent.length)}\n`
      return
    }
    if (/^ *---$/.test(line)) {
      detailsIndent = line.slice(0, -3)
      return
    }
    if (told !== undefined) onFile(withName(told))
    told = undefined
    const head = /^((?: {4})*)# Subtest(?:: (.*))?$/.exec(line)
    const point = pointOf(line)
    if (head !== null) open(levelOf(head[1]), unescaped(head[2]))
    else if (point !== undefined) result(point)
  }
}

/** tap calls every file that took too long `timeout!`, and says in the details which one it was. */
function withName(file: FileResult): FileResult {
  const expired = /^expired: (.*)$/m.exec(file.failures[0]?.text ?? '')?.[1]
  return file.name === 'timeout!' && expired !== undefined ? { ...file, name: expired } : file
}

const one = (what: keyof Totals): Totals => ({ ...none, [what]: 1 })

const levelOf = (indent = '') => indent.length / 4

const unescaped = (text = '') => text.replace(/\\([#\\])/g, '$1')

function pointOf(line: string): Point | undefined {
  const match = /^((?: {4})*)(not )?ok\b(?: \d+)?(?: -)?(.*)$/.exec(line)
  if (match === null) return undefined
  const [, indent, not, rest = ''] = match
  const [name = '', ...directives] = rest.split(/\s(?=# (?:SKIP|TODO|time=))/i)
  const directive = /# (SKIP|TODO)/i.exec(directives.join(' '))?.[1]?.toLowerCase()
  return {
    level: levelOf(indent),
    ok: not === undefined,
    name: unescaped(name.trim()),
    directive: directive === 'skip' || directive === 'todo' ? directive : undefined,
    ms: Number(/# time=([\d.]+)ms/.exec(rest)?.[1] ?? 0)
  }
}
