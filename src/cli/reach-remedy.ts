/** What to do about a source that lets nobody in, by what its driver says of it. */

const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:ER_ACCESS_DENIED_ERROR|28P01|28000)\b/,
    'See that user name and password are right. In a URL, special characters are percent-encoded: @ is %40, / is %2F, : is %3A',
  ],
  [
    /\b(?:ER_BAD_DB_ERROR|ER_DBACCESS_DENIED_ERROR|3D000)\b/,
    'See that the database at the end of the URL is there, and that the account may see it',
  ],
  [/\bECONNREFUSED\b/, 'Nothing listens there: see that host and port are right, and that the server runs'],
  [
    /\b(?:ENOTFOUND|EAI_AGAIN)\b/,
    'No machine has that name: see that it is right, and that @ and / of a password in the URL are percent-encoded (%40, %2F)',
  ],
  [
    /\b(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)\b/,
    'Nobody answers there: see that host and port are right, and that no firewall is in between',
  ],
]

/** Undefined where it is none of these. */
export function reachRemedy(said: string | undefined): string | undefined {
  return remedies.find(([code]) => code.test(said ?? ''))?.[1]
}
