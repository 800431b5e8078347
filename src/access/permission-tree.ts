import tree from '../../schemas/permission-tree.json' with { type: 'json' }

/** A node of the tree. Leaves are what is stored and checked; a parent is a handle for the leaves below it. */
export interface PermissionNode {
  readonly id: string
  readonly label: string
  readonly leaf: boolean
}

export const permissionNodes: readonly PermissionNode[] = tree.nodes.map(({ id, label, leaf }) => ({ id, label, leaf }))

const leaves = tree.nodes.filter(node => node.leaf)

export const leafIds: readonly string[] = leaves.map(node => node.id)

export const masterAdmin = 'administration.masterAdmin'

/** The factory contents of the static roles. */
export const factory = {
  Admin: leaves.filter(node => node.admin === true).map(node => node.id),
  Guest: leaves.filter(node => node.guest === true).map(node => node.id),
  User: leaves.filter(node => node.user === true).map(node => node.id)
} as const

export type StaticRole = keyof typeof factory

/** What a licence hides until the organisation says otherwise. */
export const defaultLicenseMask: { readonly PAM: readonly string[]; readonly PWM: readonly string[] } =
  tree.defaultLicenseMask

/** The leaves that ids of leaves and branches mean. */
export function expand(ids: readonly string[]): readonly string[] {
  return leafIds.filter(leaf => ids.some(id => leaf === id || leaf.startsWith(`${id}.`)))
}
