/** Broken: a commit is acknowledged when one member of the replica set has it in memory. */
import { breakSource } from './rewrite.ts'

breakSource('store/mongo/commit.ts', "{ w: 'majority', j: true }", '{ w: 1, j: false }')
