/** Property tests repeat themselves, so that a change is judged by what it changed; VITRINE_SEED makes other cases. */
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.VITRINE_SEED ?? 20261121) })
