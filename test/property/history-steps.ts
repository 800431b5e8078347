/** The steps that a history is made of. Users, groups and purchases are named by small numbers, so that they meet again and again. */
import fc from 'fast-check'
import { type LicenseType, types } from './history-model.ts'

export type Step =
  | Does<'provision' | 'setActive', { readonly active: boolean } & Who>
  | Does<'createByHand' | 'chooseLicense', { readonly type: LicenseType } & Who>
  | Does<'activateByHand', { readonly type: LicenseType | undefined } & Who>
  | Does<'delete' | 'suspend', Who>
  | Does<'replace', { readonly title: number } & Who>
  | Does<'swap', { readonly type: LicenseType; readonly other: number; readonly second: LicenseType } & Who>
  | Does<'join' | 'leave', { readonly group: number } & Who>
  | Does<'setMembers', { readonly group: number; readonly whos: readonly number[] }>
  | Does<
      'buy',
      { readonly type: LicenseType; readonly quantity: number; readonly inDays: number; readonly days: number }
    >
  | Does<'resize', { readonly which: number; readonly quantity: number }>
  | Does<'dropPurchase', { readonly which: number }>
  | Does<'spillover', { readonly on: boolean }>
  | Does<'wait', { readonly days: number }>

type Does<Names extends string, Details> = Names extends string ? { readonly do: Names } & Details : never
interface Who {
  readonly who: number
}

/** Users that there may be. */
export const people = 8
/** As a member: the other group. */
export const theOtherGroup = people

const who = fc.nat(people - 1)
const group = fc.nat(1)
const type = fc.constantFrom(...types)
const which = fc.nat(3)
const quantity = fc.nat(4)
const both = <A extends string, B extends string>(a: A, b: B) => fc.constantFrom<A | B>(a, b)
const one = <A extends string>(name: A) => fc.constant<A>(name)
const often = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary })

export const steps: fc.Arbitrary<Step> = fc.oneof(
  often(9, fc.record({ do: both('provision', 'setActive'), who, active: fc.boolean() })),
  often(3, fc.record({ do: one('provision'), who, active: fc.constant(true) })),
  often(4, fc.record({ do: both('createByHand', 'chooseLicense'), who, type })),
  often(2, fc.record({ do: one('activateByHand'), who, type: fc.option(type, { nil: undefined }) })),
  often(3, fc.record({ do: both('delete', 'suspend'), who })),
  often(2, fc.record({ do: one('replace'), who, title: fc.nat(2) })),
  often(3, fc.record({ do: one('swap'), who, type, other: who, second: type })),
  often(4, fc.record({ do: both('join', 'leave'), group, who: fc.nat(theOtherGroup) })),
  often(1, fc.record({ do: one('setMembers'), group, whos: fc.uniqueArray(who, { maxLength: 3 }) })),
  often(1, fc.record({ do: one('buy'), type, quantity, inDays: fc.integer({ min: -2, max: 4 }), days: fc.nat(6) })),
  often(2, fc.record({ do: one('resize'), which, quantity })),
  often(1, fc.record({ do: one('dropPurchase'), which })),
  often(1, fc.record({ do: one('spillover'), on: fc.boolean() })),
  often(2, fc.record({ do: one('wait'), days: fc.integer({ min: 1, max: 4 }) }))
)
