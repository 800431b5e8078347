/** What the admin API takes and gives, as the schemas that validate it and document it. */
import Type, { type Static, type TSchema } from 'typebox'
import { licenseChangesMax } from '../../../directory/license-changes.ts'
import { licenseTypes } from '../../../licensing/types.ts'

/** Ours have 36 characters; more than a few times that is none. */
const idLengthMax = 200
/** Roles of one user: all are read whenever they are set. */
const rolesMax = 100
/** Ids in one list: the permission tree has fewer nodes. */
const permissionsMax = 500
/** Ten years; longer is no grace. */
const graceDaysMax = 3650
const organisationNameLengthMax = 200
const roleNameLengthMax = 64

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
export const Time = (description: string) => Type.String({ format: 'date-time', description })
/** An object that takes no other members: a misspelt one is told, not ignored. */
export const Strict = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false })

const LicenseTypeSchema = Type.Union(
  licenseTypes.map(type => Type.Literal(type)),
  { description: 'PAM (privileged access) or PWM (password manager)' }
)

export const IdParams = Type.Object({ id: Type.String({ maxLength: idLengthMax }) })
export type IdParams = Static<typeof IdParams>

export const UserSchema = Type.Object({
  id: Type.String(),
  userName: Type.String(),
  active: Type.Boolean(),
  license: Type.Object({
    type: Nullable(LicenseTypeSchema),
    state: Type.Union(['held', 'suspended', 'released', 'none'].map(state => Type.Literal(state))),
    assignedAt: Nullable(Time('When')),
    assignedBy: Nullable(Type.String({ description: '`provisioning`, or the administrator who chose' })),
    spilledOver: Type.Boolean({ description: 'Holds PAM because PWM was full' })
  }),
  roles: Type.Array(Type.String({ description: 'Id of a role held directly' })),
  protected: Type.Boolean({ description: 'The user admin, who cannot be removed' }),
  created: Time('When created'),
  lastModified: Time('When last changed'),
  attributes: Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    additionalProperties: true,
    description: 'The SCIM attributes'
  })
})

/** SCIM attributes stand side by side with ours; those that no schema knows are ignored, as SCIM does. */
const attributes = { additionalProperties: true, description: 'SCIM attributes: userName, name, emails …' }

export const NewUser = Type.Object(
  {
    userName: Type.String({ minLength: 1 }),
    license: Type.Optional(
      Strict({ type: Type.Optional(Type.Unsafe<unknown>({ description: 'PAM or PWM: required' })) })
    ),
    roles: Type.Optional(
      Type.Array(Type.String(), { description: 'Ids of roles; absent: the Default roles', maxItems: rolesMax })
    )
  },
  attributes
)
export type NewUser = Static<typeof NewUser>

export const UserChange = Type.Object(
  {},
  { ...attributes, description: 'SCIM attributes to set; null removes one (RFC 7396)' }
)
export type UserChange = Static<typeof UserChange>

export const LicenseChoice = Strict({ type: Type.Unsafe<unknown>({ description: 'PAM or PWM' }) })
export type LicenseChoice = Static<typeof LicenseChoice>

export const ActivateUser = Type.Union([Strict({ license: Type.Optional(LicenseChoice) }), Type.Null()])
export type ActivateUser = Static<typeof ActivateUser>

export const LicenseChanges = Strict({
  changes: Type.Array(Strict({ user: Type.String(), type: Type.Unsafe<unknown>({ description: 'PAM or PWM' }) }), {
    minItems: 1,
    maxItems: licenseChangesMax
  })
})
export type LicenseChanges = Static<typeof LicenseChanges>

export const RoleIds = Strict({ roles: Type.Array(Type.String(), { maxItems: rolesMax }) })
export type RoleIds = Static<typeof RoleIds>

export const SeatsSchema = Type.Object({
  seats: Type.Array(
    Type.Object({
      type: LicenseTypeSchema,
      purchased: Type.Integer(),
      inUse: Type.Integer(),
      free: Type.Integer(),
      over: Type.Integer(),
      spilledOver: Type.Integer({ description: 'Users who hold PAM because PWM was full' }),
      upcoming: Type.Integer({ description: 'Bought, and not begun yet' }),
      graceEnds: Nullable(Time('Until when holders keep full use although nothing bought is valid')),
      suspended: Type.Boolean(),
      warning: Nullable(Type.String())
    })
  )
})

export const RefusalSchema = Type.Object({
  userName: Type.String(),
  first: Time('First attempt'),
  last: Time('Last attempt'),
  attempts: Type.Integer(),
  open: Type.Boolean(),
  closed: Nullable(Time('When the user got a seat')),
  detail: Type.String()
})

export const PurchaseSchema = Type.Object({
  id: Type.String(),
  type: LicenseTypeSchema,
  quantity: Type.Integer(),
  start: Time('Counts from then'),
  end: Nullable(Time('Counts until then')),
  status: Type.Union(['upcoming', 'valid', 'ended'].map(status => Type.Literal(status))),
  created: Time('When entered')
})

const standing = {
  over: Type.Integer({ description: 'Seats of this type in use beyond what was bought' }),
  warning: Nullable(Type.String())
}

/** A purchase, and where its type stands after the change. */
export const ChangedPurchaseSchema = Type.Intersect([PurchaseSchema, Type.Object(standing)])

/** Where a type stands of which too little is left. */
export const DeletedPurchaseSchema = Type.Object({ type: LicenseTypeSchema, ...standing })

export const NewPurchase = Strict({
  type: Type.Unsafe<unknown>({ description: 'PAM or PWM' }),
  quantity: Type.Integer({ minimum: 0 }),
  start: Type.Optional(Time('Absent: now')),
  end: Type.Optional(Nullable(Time('Absent: no end')))
})
export type NewPurchase = Static<typeof NewPurchase>

export const PurchaseChangeSchema = Strict({
  quantity: Type.Optional(Type.Integer({ minimum: 0 })),
  start: Type.Optional(Time('Counts from then')),
  end: Type.Optional(Nullable(Time('Counts until then; null: no end')))
})
export type PurchaseChangeSchema = Static<typeof PurchaseChangeSchema>

export const RoleSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  static: Type.Boolean(),
  default: Type.Boolean(),
  permissions: Type.Array(Type.String())
})

export const RoleChangeSchema = Strict({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: roleNameLengthMax })),
  default: Type.Optional(Type.Boolean()),
  permissions: Type.Optional(Type.Array(Type.String(), { maxItems: permissionsMax })),
  confirm: Type.Optional(Type.Boolean({ description: 'Needed to mark Admin as Default' }))
})
export type RoleChangeSchema = Static<typeof RoleChangeSchema>

export const PermissionSchema = Type.Object({
  permission: Type.String(),
  granted: Type.Boolean(),
  roles: Type.Array(Type.String()),
  why: Type.String()
})

export const AuditSchema = Type.Object({
  id: Type.String(),
  at: Time('When'),
  actor: Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() }),
  action: Type.String(),
  target: Type.Object({ kind: Type.String(), id: Type.String(), name: Type.Optional(Type.String()) }),
  detail: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
  requestId: Type.Optional(Type.String())
})

export const NotificationSchema = Type.Object({
  id: Type.String(),
  at: Time('When'),
  kind: Type.String(),
  text: Type.String(),
  dismissed: Nullable(Type.Object({ at: Time('When'), by: Type.String() }))
})

const SettingsSchema = Type.Object({
  seatSpillover: Type.Boolean(),
  allowLicenseTypeFromIdp: Type.Boolean(),
  allowRolesAndEntitlementsFromIdp: Type.Boolean(),
  seatGraceDays: Type.Integer(),
  licenseMask: Type.Object({ PAM: Type.Array(Type.String()), PWM: Type.Array(Type.String()) })
})

export const OrganisationSchema = Type.Object({ id: Type.String(), name: Type.String(), settings: SettingsSchema })

export const OrganisationChangeSchema = Strict({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: organisationNameLengthMax })),
  settings: Type.Optional(
    Strict({
      seatSpillover: Type.Optional(Type.Boolean()),
      allowLicenseTypeFromIdp: Type.Optional(Type.Boolean()),
      allowRolesAndEntitlementsFromIdp: Type.Optional(Type.Boolean()),
      seatGraceDays: Type.Optional(Type.Integer({ minimum: 0, maximum: graceDaysMax })),
      licenseMask: Type.Optional(
        Strict({
          PAM: Type.Optional(Type.Array(Type.String(), { maxItems: permissionsMax })),
          PWM: Type.Optional(Type.Array(Type.String(), { maxItems: permissionsMax }))
        })
      )
    })
  )
})
export type OrganisationChangeSchema = Static<typeof OrganisationChangeSchema>

export const MeSchema = Type.Object({
  kind: Type.String(),
  id: Type.String(),
  name: Type.String(),
  organization: Type.String(),
  role: Nullable(Type.String()),
  levels: Type.Record(Type.String(), Type.String()),
  banner: Nullable(Type.String())
})
