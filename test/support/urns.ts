/** The names of SCIM's schemas and messages, as clients write them. */
export const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const licenseUrn = 'urn:ietf:params:scim:schemas:extension:license:2.0:User'
export const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
export const bulkUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
export const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error'
