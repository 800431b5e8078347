/**
 * Makes a broken build of the server while it is loaded, so that the harness can show that it would notice:
 * `node --import <one of this folder> src/main.ts`.
 */
import { registerHooks } from 'node:module'

/** Replaces a piece of one source file. @throws Error when it is not there: a control that breaks nothing shows nothing. */
export function breakSource(file: string, piece: string, by: string): void {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (!url.endsWith(`/src/${file}`)) return loaded
      const source = String(loaded.source)
      if (!source.includes(piece)) throw new Error(`${file} has no ${JSON.stringify(piece)} to break`)
      return { ...loaded, source: source.replaceAll(piece, by) }
    }
  })
}

/** What to give Node to start a build broken by the script `name` of this folder. */
export function brokenBy(name: string): readonly string[] {
  return ['--import', new URL(`./${name}.ts`, import.meta.url).href]
}
