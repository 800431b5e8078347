import { mapOperations, memberOf, opOf, type Rewrite, withMember } from './rewrite.ts'

const ops: readonly (string | undefined)[] = ['add', 'replace', 'remove']

/** `"op": "Replace"` (Entra ID, quirk 8). */
export const opCase: Rewrite = {
  name: 'op-case',
  rewrite: request =>
    mapOperations(request, operation => {
      const op = opOf(operation)
      if (op === undefined || !ops.includes(op) || op === memberOf(operation, 'op')) return [operation]
      return [withMember(operation, 'op', op)]
    })
}
