/** Whether the resources in answers are as the discovery documents of the same server tell. */
import type { LightMyRequestResponse } from 'fastify'
import { isObject, type JsonObject } from '../../src/base/json.ts'
import { faultsOf } from '../discovery/conforms.ts'
import { type DescribedType, readDocuments } from '../discovery/documents.ts'
import type { TestServer } from '../support/app.ts'

/** @returns a sentence for the first fault of an answer, or undefined. */
export type Check = (answer: LightMyRequestResponse) => Promise<string | undefined>

export async function checkTold(server: TestServer): Promise<Check> {
  let { types } = await readDocuments(server)
  return async ({ statusCode, headers, body }) => {
    if (statusCode >= 300 || !String(headers['content-type']).startsWith('application/scim+json')) return undefined
    const resources = resourcesIn(JSON.parse(body) as JsonObject)
    const fault = firstFault(types, resources)
    if (fault === undefined) return undefined
    // Whoever was asked before this may have changed what is told.
    types = (await readDocuments(server)).types
    return firstFault(types, resources)
  }
}

function resourcesIn(body: JsonObject): readonly JsonObject[] {
  return Array.isArray(body.Resources) ? body.Resources.filter(isObject).map(one => one as JsonObject) : [body]
}

function firstFault(types: readonly DescribedType[], resources: readonly JsonObject[]): string | undefined {
  for (const resource of resources) {
    const [urn] = Array.isArray(resource.schemas) ? resource.schemas : []
    const type = types.find(({ core }) => core.id === urn)
    const [fault] = type === undefined ? [] : faultsOf(type, resource)
    if (fault !== undefined) return fault
  }
  return undefined
}
