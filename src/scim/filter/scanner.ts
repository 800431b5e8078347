/** Reads the words, marks and values of a filter from left to right; every failure says where and what was expected. */
import { bad, type ScimError } from '../errors.ts'
import { isCleanText } from '../schema/text.ts'
import type { FilterLimits, Literal } from './parsed.ts'

/** The text and how far it has been read. One reading of one text; nothing else holds it. */
export interface Scanner {
  readonly text: string
  readonly limits: FilterLimits
  readonly failWith: 'invalidFilter' | 'invalidPath'
  at: number
  depth: number
  comparisons: number
}

/** @throws ScimError where the text is longer than `limits.lengthMax`: nothing of it has been read then. */
export function scan(text: string, limits: FilterLimits, failWith: Scanner['failWith']): Scanner {
  const scanner = { text, limits, failWith, at: 0, depth: 0, comparisons: 0 }
  if (text.length > limits.lengthMax) throw tooMuch(scanner, 'characters', limits.lengthMax, limits.lengthMax)
  return scanner
}

/** Positions count from 1, as people do. */
export function expected(scanner: Scanner, what: string, at = scanner.at): ScimError {
  return bad(scanner.failWith, `Expected ${what} at character ${at + 1}, found ${foundAt(scanner.text, at)}.`)
}

export function tooMuch(scanner: Scanner, what: string, max: number, at = scanner.at): ScimError {
  return bad(scanner.failWith, `Expected at most ${max} ${what}, exceeded at character ${at + 1}.`)
}

function foundAt(text: string, at: number): string {
  if (at >= text.length) return 'the end'
  const rest = text.slice(at, at + 24)
  return JSON.stringify(/^[^\s()[\]"]+/.exec(rest)?.[0] ?? rest.charAt(0))
}

// One blank is the rule (RFC 7644 figure 1); clients send several, and tabs and line ends where people type filters.
const blanks = /[ \t\r\n]*/y
const word = /[A-Za-z0-9_:.$-]*/y
const token = /[^\s()[\]"]*/y
const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/

function take(scanner: Scanner, pattern: RegExp): string {
  pattern.lastIndex = scanner.at
  const found = pattern.exec(scanner.text)?.[0] ?? ''
  scanner.at += found.length
  return found
}

export function skipBlanks(scanner: Scanner): void {
  take(scanner, blanks)
}

// The letters, digits and marks that names, URNs and keywords consist of; empty where there are none.
function takeWord(scanner: Scanner): string {
  return take(scanner, word)
}

/** Takes the next word if it is one of `words`, in any case (RFC 7644 3.4.2.2: operators are case insensitive). */
export function takeOneOf<T extends string>(scanner: Scanner, words: readonly T[]): T | undefined {
  const before = scanner.at
  const next = takeWord(scanner).toLowerCase()
  const found = words.find(w => w === next)
  if (found === undefined) scanner.at = before
  return found
}

export function takeMark(scanner: Scanner, mark: string): boolean {
  if (scanner.text[scanner.at] !== mark) return false
  scanner.at += 1
  return true
}

// These names reach a prototype where an object is used as a table (hardening: prototype pollution). None is an attribute.
const forbidden = new Set(['__proto__', 'prototype', 'constructor'])

/**
 * Takes an attribute name with its URN and sub-attribute. Only the form is looked at: segments between `.` and `:` are
 * not empty, and the first begins with a letter (or `$`, for `$ref`).
 */
export function takeName(scanner: Scanner, what: string): string {
  const start = scanner.at
  const name = takeWord(scanner)
  const segments = name.split(/[.:]/)
  if (segments.some(s => forbidden.has(s.toLowerCase()))) throw expected(scanner, `${what} that may be used`, start)
  if (!/^[A-Za-z$]/.test(name) || segments.includes('')) throw expected(scanner, what, start)
  if (['and', 'or', 'not'].includes(name.toLowerCase())) throw expected(scanner, what, start)
  return name
}

/** Takes a `compValue`: JSON's own, and `true`, `false`, `null` in any case. */
export function takeValue(scanner: Scanner): Literal {
  if (scanner.text[scanner.at] === '"') return takeText(scanner)
  const start = scanner.at
  const found = take(scanner, token)
  const value = literalOf(found)
  if (value !== undefined) return value
  if (scanner.limits.bareTokens && found !== '') return checkedText(scanner, found, start)
  throw expected(scanner, 'a value (a text in double quotes, a number, true, false or null)', start)
}

function literalOf(found: string): Literal | undefined {
  if (number.test(found)) {
    const value = Number(found)
    // `+ 0`: a negative zero is a zero.
    return Number.isFinite(value) ? value + 0 : undefined
  }
  switch (found.toLowerCase()) {
    case 'true':
      return true
    case 'false':
      return false
    case 'null':
      return null
    default:
      return undefined
  }
}

function takeText(scanner: Scanner): string {
  const start = scanner.at
  let end = start + 1
  while (end < scanner.text.length && scanner.text[end] !== '"') end += scanner.text[end] === '\\' ? 2 : 1
  if (end >= scanner.text.length) throw expected(scanner, 'a closing double quote', scanner.text.length)
  scanner.at = end + 1
  return checkedText(scanner, fromJson(scanner, start, end + 1), start)
}

function fromJson(scanner: Scanner, start: number, end: number): string {
  try {
    return JSON.parse(scanner.text.slice(start, end)) as string
  } catch {
    throw expected(scanner, 'a text as JSON writes it (control characters and \\ are escaped)', start)
  }
}

function checkedText(scanner: Scanner, text: string, start: number): string {
  if (text.length > scanner.limits.valueLengthMax) {
    throw tooMuch(scanner, 'characters in one value', scanner.limits.valueLengthMax, start)
  }
  if (!isCleanText(text)) throw expected(scanner, 'a text of valid characters', start)
  return text
}
