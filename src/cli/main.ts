#!/usr/bin/env node
/** The program. How the heap grows is set before anything else is loaded. */
import './heap.js'

await import('./program.js')
