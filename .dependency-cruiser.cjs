// The import rules of the house, each with its reason. `npm run lint` holds them.
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

module.exports = {
  forbidden: [
    only('no-cycles', 'A cycle means two rooms are really one.', {}, { circular: true }),
    only(
      'model-is-pure',
      'Everything shares the model; it must not know anyone.',
      { path: '^src/model/' },
      { pathNot: '^src/model/' },
    ),
    only(
      'schema-knows-model-only',
      'Schema definitions serve every frontend and source.',
      { path: '^src/schema/' },
      { path: '^src/', pathNot: '^src/(schema|model)/' },
    ),
    only(
      'ldap-stands-alone',
      'vitrine/ldap is usable without the gateway.',
      { path: '^src/ldap/' },
      { path: '^src/', pathNot: '^src/ldap/' },
    ),
    only(
      'scim-is-shared',
      'What SCIM itself is serves those who offer it and those who use it.',
      { path: '^src/scim/' },
      { path: '^src/', pathNot: '^src/(scim|schema|model|directory)/' },
    ),
    only(
      'sources-do-not-know-siblings',
      'A source kind can be removed without touching another.',
      { path: '^src/sources/([^/]+)/' },
      { path: '^src/sources/[^/]+/', pathNot: '^src/sources/$1/' },
    ),
    only(
      'frontends-do-not-know-siblings',
      'A frontend kind can be removed without touching another.',
      { path: '^src/frontends/([^/]+)/' },
      { path: '^src/frontends/[^/]+/', pathNot: '^src/frontends/$1/' },
    ),
    only(
      'frontends-see-the-directory-only',
      'Frontends speak entries and filters, never rows, mappings or copies.',
      { path: '^src/frontends/' },
      { path: '^src/(sources|mapping|copy|config)/' },
    ),
    only(
      'concrete-kinds',
      'Only registries and the composition root know concrete kinds.',
      {
        path: '^src/',
        pathNot:
          '^src/(sources/[^/]+/|sources/registry|frontends/[^/]+/|frontends/registry|copy/store/|gateway/|index|cli/)',
      },
      { path: '^src/(sources|frontends)/[^/]+/' },
    ),
    only(
      'stores-are-sql',
      'The store of copies is made of SQL tables, and knows no view and no protocol.',
      { path: '^src/copy/store/' },
      { path: '^src/', pathNot: '^src/(copy/store/|sources/sql/|sources/[^/]+$|model/|abort)' },
    ),
    only(
      'the-page-runs-in-browsers',
      'What a browser runs consists of the files that it is served.',
      { path: '^src/ops/console/page/' },
      { pathNot: '^src/ops/console/page/' },
    ),
    only(
      'nobody-runs-the-page',
      'What a browser runs is served, and not imported.',
      { path: '^src/', pathNot: '^src/ops/console/page/' },
      { path: '^src/ops/console/page/' },
    ),
    only(
      'drivers-in-sql-and-copy',
      'One room knows the database drivers.',
      { path: '^src/', pathNot: '^src/(sources/sql|copy)/' },
      { path: 'node_modules/(tarn|mysql2|pg|libsql)/' },
    ),
    only(
      'opentelemetry-in-ops',
      'Who is not traced does not load it.',
      { path: '^src/', pathNot: '^src/ops/tracing' },
      { path: 'node_modules/@opentelemetry/' },
    ),
    only(
      'fastify-in-scim-and-ops',
      'HTTP stays at the edge.',
      { path: '^src/', pathNot: '^src/(frontends/scim|ops)/' },
      { path: 'node_modules/@?fastify/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
}
