#!/usr/bin/env node
/** The program. How much memory it takes is bounded before anything else is loaded. */
import './heap.js'

await import('./program.js')
