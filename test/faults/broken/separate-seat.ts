/** Broken: a seat is given back by a commit of its own, a moment after the user left it. */
import { breakSource } from './rewrite.ts'

breakSource('directory/users.ts', "...(await freed(context, before.doc, 'deleted')),", '')
