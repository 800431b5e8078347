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

/** A test that is under way: a file (level 0) or a subtest. */
interface Open {
  readonly level: number
  readonly name: string
  readonly totals: Totals[]
  readonly failures: MutableFailure[]
  /** Said in advance by the buffered form, `ok 1 - name {`. */
  readonly point?: Point
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
  const stack: Open[] = []
  // A test point's details stand behind it, so a file is told of when the next line shows that they are complete.
  let told: FileResult | undefined
  let failure: MutableFailure | undefined
  let detailsIndent: string | undefined

  function count(totals: Totals, failures: readonly MutableFailure[] = []): void {
    stack.at(-1)?.totals.push(totals)
    stack.at(-1)?.failures.push(...failures)
  }

  function failed(name: string): MutableFailure {
    failure = { title: [...stack.map(open => open.name), name].join(' > '), text: '' }
    return failure
  }

  function leaf(point: Point): void {
    if (point.directive !== undefined) count({ ...none, skipped: 1 })
    else if (point.ok) count({ ...none, passed: 1 })
    else count({ ...none, failed: 1 }, [failed(point.name)])
  }

  function close(open: Open, { ok, ms }: Point): void {
    stack.pop()
    const inside = sum(open.totals)
    const empty = open.totals.length === 0
    const brokenItself = !ok && inside.failed === 0
    const totals = sum([inside, { ...none, passed: ok && empty ? 1 : 0, failed: brokenItself ? 1 : 0 }])
    const failures = brokenItself ? [...open.failures, failed(open.name)] : open.failures
    count(totals, failures)
    if (stack.length === 0) told = { ...totals, name: open.name, ms, failures }
  }

  function result(point: Point): void {
    failure = undefined
    if (stack.length === 0) {
      // A file that was skipped or fell over before its first line has no subtest.
      stack.push({ level: 0, name: point.name, totals: [], failures: [] })
      if (point.directive !== undefined) leaf(point)
    }
    const open = stack.at(-1)
    if (open?.level === point.level) close(open, point)
    else leaf(point)
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
    if (told !== undefined) onFile(told)
    told = undefined
    const subtest = /^((?: {4})*)# Subtest(?:: (.*))?$/.exec(line)
    if (subtest !== null) {
      stack.push({ level: levelOf(subtest[1]), name: unescaped(subtest[2]), totals: [], failures: [] })
      return
    }
    const point = pointOf(line)
    if (point === undefined) return closeBuffered(line)
    if (!/ \{$/.test(line)) return result(point)
    // `# Subtest` may stand in front of this form too.
    if (stack.at(-1)?.level === point.level) stack.pop()
    stack.push({ level: point.level, name: point.name, totals: [], failures: [], point })
  }

  function closeBuffered(line: string): void {
    const open = stack.at(-1)
    if (open?.point !== undefined && line === `${' '.repeat(open.level * 4)}}`) close(open, open.point)
  }
}

const levelOf = (indent = '') => indent.length / 4

const unescaped = (text = '') => text.replace(/\\([#\\])/g, '$1')

function pointOf(line: string): Point | undefined {
  const match = /^((?: {4})*)(not )?ok\b(?: \d+)?(?: -)?(.*?)(?: \{)?$/.exec(line)
  if (match === null) return undefined
  const [, indent, not, rest = ''] = match
  const [name = '', ...directives] = rest.split(/\s(?=# (?:SKIP|TODO|time=))/i)
  const directive = /# (SKIP|TODO)/i.exec(directives.join(' '))?.[1]?.toLowerCase()
  const ms = Number(/# time=([\d.]+)ms/.exec(rest)?.[1] ?? 0)
  return {
    level: levelOf(indent),
    ok: not === undefined,
    name: unescaped(name.trim()),
    directive: directive === 'skip' || directive === 'todo' ? directive : undefined,
    ms
  }
}
