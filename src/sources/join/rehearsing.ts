/** Writes that are but tried out: one source does that by itself, if it can; of several, each would have to know what the others do. */
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type { SourceWrite } from '../source.js'

/** @throws VitrineError unwillingToPerform where it is to be tried out by a source that cannot */
export function demandRehearsing({ rehearses }: SourceWrite, ctx: Context): void {
  if (rehearses !== true) demandReal(ctx)
}

/** @throws VitrineError unwillingToPerform where what several sources do together is to be tried out */
export function demandReal(ctx: Context): void {
  if (ctx.rehearses === true)
    throw new VitrineError('unwillingToPerform', { message: 'what several sources hold cannot be tried out' })
}
