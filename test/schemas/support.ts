/** An organisation that defines a badge for users, and devices. */
import type { JsonObject } from '../../src/base/json.ts'
import { type Answer, enterpriseUrn, licenseUrn, type Method, type TestServer, userUrn } from '../support/app.ts'

export const badgeUrn = 'urn:example:params:scim:schemas:extension:badge:1.0:User'
export const deviceUrn = 'urn:example:params:scim:schemas:1.0:Device'
export const roomUrn = 'urn:example:params:scim:schemas:extension:room:1.0:Device'

export const badge: JsonObject = {
  id: badgeUrn,
  name: 'Badge',
  description: 'The badge that opens the doors',
  attributes: [
    { name: 'number', required: true, mutability: 'immutable', uniqueness: 'server', 'usher:index': true },
    { name: 'colour', canonicalValues: ['green', 'red'], 'usher:closed': true },
    { name: 'level', type: 'integer', 'usher:index': true },
    { name: 'weight', type: 'decimal' },
    { name: 'validUntil', type: 'dateTime', 'usher:index': true },
    { name: 'photo', type: 'binary' },
    { name: 'issuer', type: 'reference', referenceTypes: ['User'] },
    { name: 'pin', mutability: 'writeOnly' },
    { name: 'notes', returned: 'request' },
    { name: 'tags', multiValued: true, 'usher:index': true },
    {
      name: 'doors',
      type: 'complex',
      multiValued: true,
      subAttributes: [{ name: 'value', 'usher:index': true }, { name: 'type' }, { name: 'primary', type: 'boolean' }]
    },
    {
      name: 'desk',
      type: 'complex',
      mutability: 'immutable',
      subAttributes: [{ name: 'floor', type: 'integer' }, { name: 'room' }]
    }
  ]
}

export const device: JsonObject = {
  id: deviceUrn,
  name: 'Device',
  attributes: [
    { name: 'serial', required: true, mutability: 'immutable', uniqueness: 'server' },
    { name: 'displayName', 'usher:index': true },
    { name: 'tags', multiValued: true, 'usher:index': true },
    {
      name: 'owner',
      type: 'complex',
      subAttributes: [{ name: 'value' }, { name: '$ref', type: 'reference', referenceTypes: ['User'] }]
    }
  ]
}

export const room: JsonObject = { id: roomUrn, attributes: [{ name: 'floor', type: 'integer', required: true }] }

/** @throws Error unless the answer has this status. */
export async function expectStatus(wanted: number, answer: Promise<Answer>): Promise<Answer> {
  const { status, text, ...rest } = await answer
  if (status !== wanted) throw new Error(`${status} instead of ${wanted}: ${text}`)
  return { status, text, ...rest }
}

/** The resource type of users with these extensions beside ours. */
export const userTypeWith = (...urns: readonly string[]): JsonObject => ({
  endpoint: '/Users',
  schema: userUrn,
  schemaExtensions: [enterpriseUrn, licenseUrn, ...urns].map(schema => ({ schema, required: false }))
})

/** Defines the badge and gives it to users. */
export async function withBadge({ api }: TestServer, definition: JsonObject = badge): Promise<void> {
  await expectStatus(201, api('POST', '/schemas', definition))
  await expectStatus(200, api('PUT', '/resource-types/User', userTypeWith(String(definition.id))))
}

/** Defines devices, with rooms. */
export async function withDevices({ api }: TestServer): Promise<void> {
  await expectStatus(201, api('POST', '/schemas', device))
  await expectStatus(201, api('POST', '/schemas', room))
  const type = { name: 'Device', endpoint: '/Devices', schema: deviceUrn, schemaExtensions: [{ schema: roomUrn }] }
  await expectStatus(201, api('POST', '/resource-types', type))
}

/** The ids that a filter finds. */
export async function found({ scim }: TestServer, endpoint: string, filter: string): Promise<readonly string[]> {
  const path = `${endpoint}?attributes=id&filter=${encodeURIComponent(filter)}`
  const { body } = await expectStatus(200, scim('GET' as Method, path))
  return (body.Resources as JsonObject[]).map(({ id }) => String(id))
}
