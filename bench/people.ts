/** Made-up people, always the same ones: the n-th person has the same name, addresses and id on every machine. */
import type { JsonObject } from '../src/base/json.ts'

export const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

const given =
  'Ana,Bela,Chidi,Dunja,Emre,Farah,Goran,Hana,Ivo,Jelena,Kenji,Lucia,Milan,Nadia,Omar,Petra,Quinn,Rosa,Sven,Tara,Uma,Vera,Wei,Ximena,Yara,Zoran'.split(
    ','
  )
const family =
  'Abel,Barić,Castillo,Duarte,Eriksen,Ferrari,Grünwald,Horvat,Ibrahim,Jovanović,Kovács,Lindqvist,Moreau,Novak,Okafor,Petrović,Quintana,Rossi,Schneider,Tanaka,Ueda,Vasquez,Wójcik,Xu,Yılmaz,Ziegler'.split(
    ','
  )
const departments = 'Engineering,Finance,Legal,Marketing,Operations,People,Research,Sales,Security,Support'.split(',')
const titles = 'Analyst,Architect,Consultant,Developer,Engineer,Lead,Manager,Specialist'.split(',')
const cities = 'Belgrade,Berlin,Boston,Lagos,Lisbon,Lyon,Oslo,Osaka,Quito,Toronto'.split(',')

const pick = (from: readonly string[], n: number): string => from[n % from.length] ?? ''

/** The moment the first of them was hired: 1 January 2026. Each is hired a millisecond after the one before. */
export const hired = Date.UTC(2026, 0, 1)

/**
 * An id as the server would have made it at that moment (RFC 9562 version 7): in order of `n`, and before any id that is made
 * from now on. `kind` keeps the ids of users, groups and events apart.
 */
export function idOf(kind: 'user' | 'group' | 'event' | 'bare', n: number): string {
  const time = (hired + n).toString(16).padStart(12, '0')
  const k = { user: '001', group: '002', event: '003', bare: '004' }[kind]
  // Mixed as in murmur3, so that the tails look as random as those of the server.
  const mix = (x: number) => {
    let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    return ((h ^ (h >>> 16)) >>> 0).toString(16).padStart(8, '0')
  }
  const tail = mix(n + 1) + mix(n + 0x9e3779b9)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${k}-8${tail.slice(0, 3)}-${tail.slice(3, 15)}`
}

export const userNameAt = (n: number, of = 'people'): string => `person.${String(n).padStart(7, '0')}@${of}.example.com`

/** The writable SCIM attributes in the schema's order: with `schemas`, `id` and `meta` some 1.7 kB of JSON. */
export function personAt(n: number, { of = 'people', active = true } = {}): JsonObject {
  const [first, last] = [pick(given, n), pick(family, Math.floor(n / given.length))]
  const [city, department] = [pick(cities, n), pick(departments, n >> 3)]
  const userName = userNameAt(n, of)
  const phone = `+1-201-555-${String(n % 10_000).padStart(4, '0')}`
  return {
    externalId: `${of}-${String(n).padStart(10, '0')}`,
    userName,
    name: { formatted: `${first} ${last}`, familyName: last, givenName: first, middleName: pick(given, n >> 4) },
    displayName: `${first} ${last} (${n})`,
    nickName: first,
    profileUrl: `https://intranet.example.com/people/${userName}`,
    title: `${pick(titles, n)} of ${department}`,
    userType: n % 9 === 0 ? 'Contractor' : 'Employee',
    preferredLanguage: 'en-US',
    locale: 'en-US',
    timezone: 'Europe/Belgrade',
    active,
    emails: [
      { value: userName, type: 'work', primary: true },
      { value: `${first.toLowerCase()}.${n}@home.example.net`, type: 'home' }
    ],
    phoneNumbers: [
      { value: `tel:${phone}`, type: 'work', primary: true },
      { value: `tel:+381-61-${String((n * 7919) % 10_000_000).padStart(7, '0')}`, type: 'mobile' }
    ],
    addresses: [
      {
        formatted: `${1 + (n % 400)} Harbour Street\n${city}`,
        streetAddress: `${1 + (n % 400)} Harbour Street`,
        locality: city,
        postalCode: String(10_000 + (n % 90_000)),
        country: 'RS',
        type: 'work',
        primary: true
      }
    ],
    [enterpriseUrn]: {
      employeeNumber: String(100_000 + n),
      costCenter: `CC-${1000 + (n % 500)}`,
      organization: 'Example Works',
      division: pick(cities, n >> 6),
      department
    }
  }
}

/** The body of the POST that creates such a person. */
export function newPerson(n: number, of: string): JsonObject {
  return { schemas: [userUrn, enterpriseUrn], ...personAt(n, { of }) }
}
