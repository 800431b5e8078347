/** What a TypeScript file imports, read from its text: the compiler has no JavaScript API to ask. */
import { posix } from 'node:path'

/** Texts by their path from the root of the project. */
export type Sources = ReadonlyMap<string, string>

export interface Import {
  /** As written: `./port.ts`, `node:fs`, `fastify`. */
  readonly from: string
  readonly line: number
  /** `type`: vanishes when types are stripped; `thread`: started as a worker; `code`: all other. */
  readonly kind: 'code' | 'type' | 'thread'
}

// Strings are matched so that a `//` inside one is not taken for a comment.
const commentOrString = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g

const quoted = String.raw`(?<quote>['"])(?<from>[^'"\n]+)\k<quote>`
const forms = [
  String.raw`^[ \t]*import\s+(?<type>type\s+)?[\w$\s,*{}]*?\bfrom\s*${quoted}`,
  String.raw`^[ \t]*export\s+(?<type>type\s+)?(?:\*(?:\s*as\s+[\w$]+)?|\{[^}]*\})\s*from\s*${quoted}`,
  String.raw`^[ \t]*import\s*${quoted}`,
  String.raw`\bimport\s*\(\s*${quoted}`
].map(form => new RegExp(form, 'gm'))
const worker = new RegExp(String.raw`\bnew\s+URL\(\s*${quoted}\s*,\s*import\.meta\.url`, 'g')

/** Comments and the insides of templates become blanks; every line stays where it was. */
export function withoutComments(text: string): string {
  return text.replace(commentOrString, part => (/^['"]/.test(part) ? part : part.replace(/[^\n]/g, ' ')))
}

/** Every import, re-export, dynamic import of a plain text, and worker file, in order of their lines. */
export function importsOf(text: string): Import[] {
  const code = withoutComments(text)
  const found = forms.flatMap(form => [...code.matchAll(form)].map(match => ({ match, kind: kindOf(match) })))
  const threads = [...code.matchAll(worker)].map(match => ({ match, kind: 'thread' as const }))
  return [...found, ...threads]
    .map(({ match, kind }) => ({ from: match.groups?.from ?? '', kind, line: lineOf(code, match) }))
    .sort((a, b) => a.line - b.line)
}

const kindOf = ({ groups }: RegExpExecArray) => (groups?.type === undefined ? ('code' as const) : ('type' as const))

function lineOf(code: string, match: RegExpExecArray): number {
  return code.slice(0, match.index + match[0].length).split('\n').length
}

/** The file of ours that an import of `file` names, or undefined for a package. */
export function targetOf(file: string, from: string): string | undefined {
  return from.startsWith('.') ? posix.join(posix.dirname(file), from) : undefined
}
