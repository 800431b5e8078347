/** Broken: a commit is acknowledged when one member of the replica set has it in memory, and nobody waits for more later. */
import { breakSource } from './rewrite.ts'

breakSource('store/mongo/commit.ts', "{ w: 'majority', j: true }", '{ w: 1, j: false }')
// A read behind the commit would wait until a majority has it, and so hide the fault.
breakSource('store/mongo/causal.ts', 'if (latest !== undefined) session.advanceOperationTime(latest)', '')
