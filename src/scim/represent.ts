import { type EpochMs, toDateTime } from '../base/clock.ts'
import type { JsonObject } from '../base/json.ts'
import type { ResourceType } from './schema/types.ts'

export interface Represented {
  readonly id: string
  /** The attributes in canonical spelling, extensions under their URNs. */
  readonly resource: JsonObject
  readonly created: EpochMs
  readonly lastModified: EpochMs
  /** Absolute. */
  readonly location?: string
  /** The entity tag: `W/"3"`. */
  readonly version?: string
}

/** The whole resource (RFC 7643 3.1): `schemas` names the core schema and the extensions that are there. */
export function represent(
  type: ResourceType,
  { id, resource, created, lastModified, location, version }: Represented
): JsonObject {
  const createdAt = toDateTime(created)
  const extensions = [...type.extensions.values()].map(extension => extension.urn)
  return {
    schemas: [type.schema, ...extensions.filter(urn => resource[urn] !== undefined)],
    id,
    ...resource,
    meta: {
      resourceType: type.name,
      created: createdAt,
      lastModified: lastModified === created ? createdAt : toDateTime(lastModified),
      ...(location === undefined ? {} : { location }),
      ...(version === undefined ? {} : { version })
    }
  }
}
