/**
 * Programs of tests that run in processes of their own, many times over: compiled once, so that starting one takes a fraction
 * of a second. What they import of the product is `dist`.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
}

/** The file to start, in a folder that is removed with this process. */
export function compiled(program: URL): string {
  if (!existsSync(join(root, 'dist'))) throw new Error('dist/ is missing: npm run build makes it')
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-compiled-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(root, 'dist'), join(folder, 'src'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const placeOf = (file: string) => join(folder, relative(root, file)).replace(/\.ts$/, '.js')
  const files = new Set([fileURLToPath(program)])
  for (const file of files) {
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions: OPTIONS })
    mkdirSync(dirname(placeOf(file)), { recursive: true })
    writeFileSync(placeOf(file), outputText)
    for (const { fileName } of ts.preProcessFile(outputText).importedFiles) {
      const imported = join(dirname(file), fileName.replace(/\.js$/, '.ts'))
      if (fileName.startsWith('.') && !imported.startsWith(join(root, 'src/'))) files.add(imported)
    }
  }
  return placeOf(fileURLToPath(program))
}
