/**
 * Every check there is: `npm test`. Only some tests, without the static checks: `npm test -- test/scim test/layers.test.ts`.
 *
 * One mongod serves the whole run (`USHER_TEST_MONGODB_URI`). Where none can be had the tests that need it are skipped
 * and the run says so; with `CI` set that is a failure. The last line is always `N passed, N failed`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { type ReplicaSet, startReplicaSet } from '../test/support/mongo.ts'
import { importsOf, targetOf } from './imports.ts'
import { sourcesIn } from './layers.ts'
import { type FileResult, lastLine, none, sum, type Totals, tapResults } from './tap-results.ts'

const children = new Set<ChildProcess>()
let replicaSet: ReplicaSet | undefined

/** Starts a tool of `node_modules/.bin` in a process group of its own, so that all of it can be ended. */
function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const path = [join(process.cwd(), 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, PATH: path }
  })
  children.add(child)
  child.once('close', () => children.delete(child))
  child.once('error', () => children.delete(child))
  return child
}

function ended(child: ChildProcess): Promise<boolean> {
  return new Promise(resolve => {
    child.once('close', code => resolve(code === 0))
    child.once('error', () => resolve(false))
  })
}

async function interrupted(signal: NodeJS.Signals): Promise<void> {
  for (const { pid } of children) if (pid !== undefined) process.kill(-pid, 'SIGTERM')
  await replicaSet?.stop()
  console.log(`stopped by ${signal}`)
  process.exit(signal === 'SIGINT' ? 130 : 143)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupted)

/** One static check: its output is shown when it fails. */
async function check(name: string, command: string, args: readonly string[] = []): Promise<Totals> {
  const child = start(command, args)
  const output: Buffer[] = []
  child.stdout?.on('data', data => output.push(data))
  child.stderr?.on('data', data => output.push(data))
  const ok = await ended(child)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
  if (!ok) console.log(Buffer.concat(output).toString().trimEnd())
  return { ...none, [ok ? 'passed' : 'failed']: 1 }
}

/**
 * tap is put together anew after an install (install scripts are off) and when its settings change; without that
 * the first run fails.
 */
async function buildTap(): Promise<void> {
  const home = 'node_modules/@tapjs/test/test-built'
  const mark = join(home, 'built-for')
  const settings = readFileSync('.taprc', 'utf8')
  if (existsSync(join(home, 'node_modules')) && existsSync(mark) && readFileSync(mark, 'utf8') === settings) return
  const child = start('tap', ['build'])
  child.stderr?.pipe(process.stderr)
  if (!(await ended(child)))
    throw new Error('tap could not be put together: run `node_modules/.bin/tap build` to see why')
  writeFileSync(mark, settings)
}

/** The test files that the arguments name. */
async function testFiles(args: readonly string[]): Promise<string[]> {
  const patterns = args.map(arg => {
    if (!existsSync(arg)) throw new Error(`there is no ${arg}`)
    return statSync(arg).isDirectory() ? `${arg.replace(/\/$/, '')}/**/*.test.ts` : arg
  })
  const files: string[] = []
  for await (const file of glob(patterns)) files.push(file.replaceAll('\\', '/'))
  return [...new Set(files)].sort()
}

/** Whether some of these tests lead to a real MongoDB. */
async function needMongo(files: readonly string[]): Promise<boolean> {
  const sources = await sourcesIn('test')
  const seen = new Set<string>()
  const reach = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const { from } of importsOf(sources.get(file) ?? '')) reach(targetOf(file, from) ?? from)
  }
  files.forEach(reach)
  return seen.has('test/support/mongo.ts')
}

async function startMongo(): Promise<{ uri?: string; result: Totals }> {
  try {
    replicaSet = await startReplicaSet()
    return { uri: replicaSet.uri, result: none }
  } catch (error) {
    console.log(error instanceof Error ? error.message : error)
    if (process.env.CI) {
      console.log('FAILED no mongod: with CI set the MongoDB tests must run')
      return { result: { ...none, failed: 1 } }
    }
    console.log('\n***** MongoDB tests are SKIPPED: no mongod (see CONTRIBUTING.md, "MongoDB in the tests") *****\n')
    return { result: none }
  }
}

function show({ name, passed, failed, skipped, ms, failures }: FileResult): void {
  const figures = lastLine({ passed, failed, skipped })
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'} ${name}: ${figures} (${(ms / 1000).toFixed(1)} s)`)
  for (const { title, text } of failures) console.log(`\n  ${title}\n${worthReading(text).replace(/^/gm, '    ')}\n`)
}

/** Of a file that failed by itself, only how it ended: the command line says nothing. */
function worthReading(details: string): string {
  const expired = /^expired: (.*)$/m.exec(details)?.[1]
  if (expired !== undefined)
    return `took longer than .taprc allows${expired === 'TAP' ? '' : `; node ${expired} shows how far it comes`}`
  if (!details.includes('externalID:')) return details.trimEnd()
  return (details.match(/^(?:exitCode|signal|message): .*$/gm) ?? []).join('\n')
}

/** Puts pieces together to lines. (`readline` also ends lines at U+2028, which test titles may hold.) */
function byLine(take: (line: string) => void): (piece: string) => void {
  let rest = ''
  return piece => {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(take)
  }
}

async function runTap(files: readonly string[], env: NodeJS.ProcessEnv): Promise<FileResult[]> {
  const results = new Map<string, FileResult>()
  const tell = (file: FileResult): void => {
    // A file that took too long may have been told of already, with more to say.
    if (results.has(file.name)) return
    results.set(file.name, file)
    show(file)
  }
  // Every file is a process of its own that loads the same sources, and the fault tests start hundreds of servers.
  const cache = { NODE_COMPILE_CACHE: join(process.cwd(), 'node_modules', '.cache', 'compiled') }
  const child = start('tap', ['--reporter=tap', ...files], { ...cache, ...env })
  child.stderr?.pipe(process.stderr)
  child.stdout?.setEncoding('utf8').on('data', byLine(tapResults(tell)))
  const ok = await ended(child)
  // When tap falls over, or gives a file up, it does not tell of every other file.
  for (const name of files) if (!results.has(name)) tell(broken(name, 'tap ended without a word about this file'))
  if (!ok && sum([...results.values()]).failed === 0) tell(broken('tap', 'ended badly'))
  return [...results.values()]
}

function broken(name: string, text: string): FileResult {
  return { ...none, name, failed: 1, ms: 0, failures: [{ title: name, text }] }
}

function showFolders(results: readonly FileResult[]): void {
  const folders = Map.groupBy(results, ({ name }) => name.split('/').slice(0, -1).join('/') || name)
  const width = Math.max(...[...folders.keys()].map(name => name.length))
  console.log()
  for (const [folder, inside] of [...folders].sort()) console.log(`${folder.padEnd(width)}  ${lastLine(sum(inside))}`)
}

async function main(args: readonly string[]): Promise<Totals> {
  const totals: Totals[] = []
  if (args.length === 0) {
    totals.push(await check('types (tsc)', 'tsc'))
    totals.push(await check('format and lint (biome)', 'biome', ['check', '--error-on-warnings', '.']))
    totals.push(await check('import directions (layers)', process.execPath, ['scripts/layers.ts']))
    if (process.env.SPEC_DIR) {
      totals.push(await check('spec still proven', process.execPath, ['scripts/coverage-of-spec.ts']))
    }
  }
  const files = await testFiles(args.length === 0 ? ['test'] : args)
  if (files.length === 0) throw new Error('no test files there')
  await buildTap()
  const { uri, result } = (await needMongo(files)) ? await startMongo() : { result: none }
  const results = await runTap(files, uri === undefined ? {} : { USHER_TEST_MONGODB_URI: uri })
  showFolders(results)
  return sum([...totals, result, ...results])
}

try {
  const totals = await main(process.argv.slice(2))
  await replicaSet?.stop()
  console.log(lastLine(totals))
  process.exitCode = totals.failed === 0 ? 0 : 1
} catch (error) {
  await replicaSet?.stop()
  console.log(error instanceof Error ? error.message : error)
  console.log(lastLine({ ...none, failed: 1 }))
  process.exitCode = 1
}
