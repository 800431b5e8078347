/**
 * Which way imports point. The house is the table below: what a folder of `src/` may import of ours, and which
 * packages. Run directly it checks the tree, prints each violation as `file:line` and ends with 1 if there is one.
 */
import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { importsOf, type Sources, targetOf } from './imports.ts'

interface Room {
  /** A folder of `src/`, or one file. The longest match counts. */
  readonly at: string
  /** Folders and files that it may import, besides itself. */
  readonly imports: readonly string[]
  /** Packages that it may import; `node:*` is every builtin but the database. */
  readonly packages: readonly string[]
}

const ground = ['base', 'scim', 'store/port.ts', 'store/staged.ts']
const ledgers = ['licensing', 'audit', 'events']
const domain = ['directory', 'broker', 'access', 'admin', 'provisioning', ...ledgers]
const web = ['fastify', '@fastify/*', 'pino', 'typebox', 'csv-parse', 'csv-parse/*', 'close-with-grace']

export const house: readonly Room[] = [
  { at: 'base', imports: [], packages: ['node:*'] },
  // Can be lifted out and published: no server, no database, no clock.
  { at: 'scim', imports: ['base'], packages: ['node:crypto', 'node:util'] },
  { at: 'store/port.ts', imports: ['scim/filter/filter.ts'], packages: [] },
  // Over any store: what asks for it needs to know no more than the port.
  { at: 'store/staged.ts', imports: ['store/port.ts', 'store/staged', 'scim/filter'], packages: [] },
  { at: 'store/staged', imports: ['store/port.ts', 'scim/filter'], packages: [] },
  { at: 'store/sqlite', imports: ['store/port.ts', 'scim/filter', 'base'], packages: ['node:*', 'node:sqlite'] },
  { at: 'store/mongo', imports: ['store/port.ts', 'scim/filter', 'base'], packages: ['node:*', 'mongodb'] },
  { at: 'audit', imports: ground, packages: ['node:*'] },
  // What others are told of: security event tokens, and the outbox that they wait in.
  { at: 'events', imports: ['audit', ...ground], packages: ['node:*', 'jose'] },
  { at: 'licensing', imports: ['audit', 'events', ...ground], packages: ['node:*'] },
  { at: 'access', imports: [...ledgers, ...ground], packages: ['node:*'] },
  { at: 'directory', imports: ['access', ...ledgers, ...ground], packages: ['node:*'] },
  { at: 'admin', imports: ['directory', 'access', ...ledgers, ...ground], packages: ['node:*', 'jose'] },
  // What identity providers sent, and what was done with it.
  { at: 'provisioning', imports: ['directory', ...ledgers, ...ground], packages: ['node:*'] },
  { at: 'broker', imports: ['directory', 'access', ...ledgers, ...ground], packages: ['node:*', 'jose'] },
  { at: 'http', imports: ['config.ts', 'package.json', ...domain, ...ground], packages: ['node:*', ...web] },
  { at: 'config.ts', imports: ['base'], packages: ['node:*'] },
  { at: 'app.ts', imports: ['http', 'config.ts', ...domain, ...ground], packages: ['node:*', ...web] },
  { at: 'collections.ts', imports: [...domain, 'store/port.ts'], packages: [] },
  { at: 'welcome.ts', imports: ['admin', 'config.ts', 'base'], packages: [] },
  // A client of the API like any other.
  { at: 'cli', imports: ['config.ts', 'base'], packages: ['node:*', 'commander'] },
  // The only one that names an adapter.
  {
    at: 'main.ts',
    imports: [
      'app.ts',
      'collections.ts',
      'welcome.ts',
      'http',
      'config.ts',
      'cli',
      'store/sqlite',
      'store/mongo',
      ...domain,
      ...ground
    ],
    packages: ['node:*']
  }
]

export interface Violation {
  readonly file: string
  readonly line: number
  readonly message: string
}

/** Everything that is wrong in `sources`, whose names are paths like `src/scim/list.ts`. */
export function violations(sources: Sources, rooms: readonly Room[] = house): Violation[] {
  const found: Violation[] = []
  for (const [file, text] of sources) {
    const name = file.replace(/^src\//, '')
    const room = roomOf(name, rooms)
    if (room === undefined) {
      found.push({
        file,
        line: 1,
        message: 'stands in no room of the house: give its folder a row in scripts/layers.ts'
      })
      continue
    }
    for (const { from, line } of importsOf(text)) {
      const target = targetOf(file, from)
      const allowed = target === undefined ? mayUse(room, from) : mayImport(room, target.replace(/^src\//, ''))
      if (!allowed) found.push({ file, line, message: `${room.at} may not import ${target ?? from}` })
    }
  }
  return [...found, ...cycles(sources)].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
}

const within = (name: string, place: string): boolean => name === place || name.startsWith(`${place}/`)

function roomOf(name: string, rooms: readonly Room[]): Room | undefined {
  return rooms.filter(room => within(name, room.at)).sort((a, b) => b.at.length - a.at.length)[0]
}

function mayImport(room: Room, target: string): boolean {
  // The JSON under schemas/ is data for everyone.
  return within(target, 'schemas') || [room.at, ...room.imports].some(place => within(target, place))
}

function mayUse(room: Room, name: string): boolean {
  return room.packages.some(pattern => {
    if (pattern === 'node:*') return name.startsWith('node:') && name !== 'node:sqlite'
    return pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
  })
}

/** One violation for each cycle, at the import that closes it. Imports of types alone vanish and close none. */
function cycles(sources: Sources): Violation[] {
  const found: Violation[] = []
  const done = new Set<string>()
  const trail: string[] = []

  function visit(file: string): void {
    trail.push(file)
    for (const { from, line, kind } of importsOf(sources.get(file) ?? '')) {
      const target = targetOf(file, from)
      if (kind !== 'code' || target === undefined || !sources.has(target) || done.has(target)) continue
      const start = trail.indexOf(target)
      if (start === -1) visit(target)
      else found.push({ file, line, message: `closes a cycle: ${[...trail.slice(start), target].join(' -> ')}` })
    }
    trail.pop()
    done.add(file)
  }

  for (const file of sources.keys()) if (!done.has(file)) visit(file)
  return found
}

/** The TypeScript files of a folder, by their path from the root of the project. */
export async function sourcesIn(folder: string): Promise<Sources> {
  const files: string[] = []
  for await (const file of glob(`${folder}/**/*.ts`)) files.push(file.replaceAll('\\', '/'))
  return new Map(files.sort().map(file => [file, readFileSync(file, 'utf8')]))
}

if (import.meta.main) {
  const sources = await sourcesIn('src')
  const found = violations(sources)
  for (const { file, line, message } of found) console.log(`${file}:${line}: ${message}`)
  console.log(`layers: ${sources.size} files, ${found.length} violations`)
  process.exitCode = found.length === 0 ? 0 : 1
}
