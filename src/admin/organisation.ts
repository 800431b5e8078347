import { isDeepStrictEqual } from 'node:util'
import { expand, permissionNodes } from '../access/permission-tree.ts'
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { demand, type Precondition } from '../audit/precondition.ts'
import { notFound, Refusal } from '../base/domain-error.ts'
import { type Organisation, type OrganisationSettings, organisations } from '../licensing/organisation.ts'
import { forgetPolicy } from '../licensing/policy.ts'
import { replace, type Stored } from '../store/port.ts'

type LicenseMask = OrganisationSettings['licenseMask']

export interface OrganisationChange {
  readonly name?: string
  readonly settings?: Partial<Omit<OrganisationSettings, 'licenseMask'>> & {
    readonly licenseMask?: Partial<LicenseMask>
  }
}

export async function getOrganisation({ store, tenant }: Context): Promise<Stored<Organisation>> {
  const found = await store.get(organisations, tenant, tenant)
  if (found === undefined) throw notFound('organization')
  return found
}

/**
 * A change to what it is already writes nothing.
 *
 * @throws Refusal `precondition_failed`, or `invalid_value` for a mask that hides more than pages.
 */
export async function changeOrganisation(
  context: Context,
  change: OrganisationChange,
  precondition: Precondition = {}
) {
  const answer = await operate(context, async () => {
    const before = await getOrganisation(context)
    demand(precondition, before.version)
    const { licenseMask, ...settings } = change.settings ?? {}
    const doc: Organisation = {
      ...before.doc,
      name: change.name ?? before.doc.name,
      settings: {
        ...before.doc.settings,
        ...settings,
        licenseMask: { ...before.doc.settings.licenseMask, ...checkedMask(licenseMask ?? {}) }
      }
    }
    if (isDeepStrictEqual(doc, before.doc)) return { answer: before, changes: [] }
    const target = { kind: 'organization', id: doc.id, name: doc.name }
    const detail = { before: summary(before.doc), after: summary(doc) }
    return {
      answer: { ...before, doc, version: before.version + 1 },
      changes: [
        replace(organisations, context.tenant, doc, before.version),
        happened(context, 'organization.changed', target, detail)
      ]
    }
  })
  forgetPolicy(context, context.tenant)
  return answer
}

const summary = ({ name, settings }: Organisation) => ({ name, ...settings })

function checkedMask(mask: Partial<LicenseMask>): Partial<LicenseMask> {
  const known = new Set(permissionNodes.map(node => node.id))
  const unknown = Object.values(mask)
    .flat()
    .filter(id => !known.has(id))
  if (unknown.length > 0 || Object.values(mask).some(ids => expand(ids).some(id => !id.startsWith('pages.')))) {
    throw new Refusal(
      'invalid_value',
      `A licence can hide pages only. Not among them: ${unknown.join(', ') || 'administration'}.`,
      {
        field: 'settings.licenseMask'
      }
    )
  }
  return mask
}
