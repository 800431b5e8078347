/**
 * Which statements of the acceptance spec the tests prove: `SPEC_DIR=../spec node scripts/coverage-of-spec.ts`.
 *
 * A statement is proved by a test whose title names its id. Titles are read from the sources of the tests: the text
 * given to `test(...)`, and any text that begins with an id, for tables whose rows are titles. Prints what is proven
 * and missing for each file of the spec, and ends with 1 when fewer are proven than test/spec-floor.json says.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sourcesIn } from './layers.ts'

const id = /\b(?:SEAT|ROLE|ADM|RULE)-\d{2,3}\b/g
const floorFile = 'test/spec-floor.json'

// Comments are matched too, so that nothing in them counts; a text behind `test(` is a title whatever it begins with.
const comment = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/.source
const quoted = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/.source
const texts = new RegExp(String.raw`${comment}|(?<test>\btest\(\s*)?(?<text>${quoted})`, 'g')

/** The ids that the titles of a test file name. */
export function idsInTitles(source: string): string[] {
  return [...source.matchAll(texts)]
    .map(({ groups }) => ({ text: groups?.text ?? '', isTitle: groups?.test !== undefined }))
    .filter(({ text, isTitle }) => isTitle || /^\W*(?:SEAT|ROLE|ADM|RULE)-\d/.test(text))
    .flatMap(({ text }) => text.match(id) ?? [])
}

/** The ids of the statements of a spec file: rows of a table whose first cell is an id. Withdrawn ones do not count. */
export function idsInSpec(markdown: string): string[] {
  return markdown
    .split('\n')
    .filter(line => !/\|\s*withdrawn\s*\|\s*$/.test(line))
    .flatMap(line => line.match(/^\|\s*((?:SEAT|ROLE|ADM|RULE)-\d{2,3})\s*\|/)?.[1] ?? [])
}

async function main(folder: string): Promise<boolean> {
  const titles = new Set([...(await sourcesIn('test')).values()].flatMap(idsInTitles))
  const floor: Record<string, number> = JSON.parse(readFileSync(floorFile, 'utf8'))
  let good = true
  for (const file of readdirSync(folder)
    .filter(name => name.endsWith('.md'))
    .sort()) {
    const ids = idsInSpec(readFileSync(join(folder, file), 'utf8'))
    if (ids.length === 0) continue
    const missing = ids.filter(name => !titles.delete(name))
    const proven = ids.length - missing.length
    const least = floor[file] ?? 0
    console.log(
      `${file}: ${proven} of ${ids.length} proven${missing.length === 0 ? '' : `; missing ${missing.join(' ')}`}`
    )
    if (proven < least) console.log(`${file}: ${proven} proven, but ${floorFile} says at least ${least}`)
    if (proven > least) console.log(`${file}: ${floorFile} may rise from ${least} to ${proven}`)
    good &&= proven >= least
  }
  if (titles.size > 0) console.log(`in titles, but not in the spec: ${[...titles].sort().join(' ')}`)
  return good && titles.size === 0
}

if (import.meta.main) {
  const folder = process.argv[2] ?? process.env.SPEC_DIR
  if (folder === undefined || !existsSync(folder)) {
    console.log('no spec here (set SPEC_DIR to its folder): nothing to compare with')
  } else {
    process.exitCode = (await main(folder)) ? 0 : 1
  }
}
