/** Names of tables and columns as words: split, without marks, in the spellings that people give them. */

/** `user_login`, `userLogin` and `USER LOGIN` are `user` and `login`; accents and umlauts lose their marks. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== '')
}

/** A word in the singular, as far as an ending tells. */
export function singular(word: string): string {
  if (/(?:ss|us|is)$/.test(word) || word.length < 4) return word
  if (/people$/.test(word)) return word.replace(/people$/, 'person')
  if (/ies$/.test(word)) return word.replace(/ies$/, 'y')
  return word.replace(/(?:s)$/, '')
}

/** Lists of words, written as one text; the first are the surest. */
const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** What tables of people are called, in the singular or as they are. */
export const PEOPLE: readonly string[] = words(`
  user person people member employee account staff principal login profile subscriber participant identity
  benutzer nutzer anwender mitarbeiter mitarbeiterin personen mitglied mitglieder angestellte beschaftigte konto konten
  utilisateur personne employe membre salarie compte
  usuario persona empleado miembro utente dipendente membro pessoa funcionario colaborador
  gebruiker medewerker bruker ansatt anvandare medarbejder bruger uzytkownik uzivatel kayttaja student teacher patron`)

/** People too, but seldom those who log in. */
export const LESS_LIKELY_PEOPLE: readonly string[] = words(
  'contact customer client kunde kunden kontakt author autor guest gast patient lead supplier',
)

/** What tables of groups are called; the first are groups for sure. */
export const GROUPS: readonly string[] = words(`
  group usergroup gruppe gruppen benutzergruppe groupe grupo gruppo groep gruppo grupa skupina grupp ryhma
  team equipe equipo squad
  role rolle rollen rol ruolo papel roll
  department abteilung service departement departamento reparto dipartimento afdeling avdeling
  organization organisation unit class klasse klassen course project projekt circle committee`)

/** Tables that keep what was, or what others did, rather than who is. */
export const LEFTOVERS: ReadonlySet<string> = new Set(
  words(`log logs history historie archive archiv backup bak old tmp temp temporary test audit event events session sessions
    token tokens version versions revision revisions migration migrations queue import staging copy deleted permission
    permissions setting settings preference preferences notification notifications attempt attempts claim claims config`),
)

/** What columns are called that hold an attribute. Compared without separators. */
export const COLUMNS = {
  uid: words(`username userlogin login loginname accountname uid userid account samaccountname user handle nickname nick
    benutzername benutzer nutzername kennung anmeldename loginkennung kurzel kuerzel kurzzeichen
    nomutilisateur utilisateur identifiant pseudo pseudonyme usuario nombreusuario nomedeusuario nomeutente utente
    gebruikersnaam brukernavn brugernavn anvandarnamn nazwauzytkownika loginid screenname`),
  givenName:
    words(`givenname firstname fname forename first name1 vorname vornamen rufname prenom prenoms nombre
    nombres primernombre nome primeironome voornaam fornavn fornamn imie jmeno etunimi forenames givennames`),
  sn: words(`sn surname lastname lname familyname last nachname familienname name2 zuname nom nomdefamille nomfamille
    apellido apellidos cognome sobrenome apelido achternaam etternavn efternavn efternamn nazwisko prijmeni sukunimi`),
  displayName: words(`displayname fullname cn commonname name realname completename personname nicename
    anzeigename vollername vollstandigername nomcomplet nomaffiche nombrecompleto nomecompleto nomevisualizzato
    volledigenaam weergavenaam visningsnavn fulltnavn gecos`),
  mail: words(`mail email emailaddress mailaddress primaryemail workemail emailaddr useremail
    emailadresse mailadresse epost epostadresse courriel adressemail adresseemail adresseelectronique
    correo correoelectronico posta postaelettronica indirizzoemail eposta emailadres sahkoposti`),
  telephoneNumber:
    words(`telephonenumber phone phonenumber telephone tel telno phoneno workphone officephone businessphone
    telefon telefonnummer rufnummer fon durchwahl numerotelephone numtel telefono telefone telefoon telefoonnummer tlf`),
  mobile: words(`mobile mobilephone mobilenumber mobilephonenumber cell cellphone cellular gsm
    handy handynummer mobil mobiltelefon mobilnummer portable telephoneportable movil celular cellulare mobiel`),
  facsimileTelephoneNumber: words('fax faxnumber telefax faxnummer facsimile telecopie'),
  userPassword:
    words(`passwordhash encryptedpassword hashedpassword cryptedpassword password passwd pwd pass pw hash userpass
    userpassword pwhash pwdhash passhash secret passwort kennwort passworthash kennworthash motdepasse mdp contrasena clave
    senha wachtwoord haslo heslo salasana passord losenord adgangskode`),
  title:
    words(`title jobtitle position job funktion stelle berufsbezeichnung fonction poste puesto cargo qualifica functie
    stilling befattning stanowisko`),
  ou: words(
    'department departmentname abteilung departement departamento reparto dipartimento afdeling avdeling orgunit',
  ),
  employeeNumber:
    words(`employeenumber employeeid empno employeeno staffno staffid staffnumber personnelnumber
    personalnummer persnr personalnr mitarbeiternummer matricule numeroemploye matricola personeelsnummer`),
  employeeType: words('employeetype usertype type kind role category art typ rolle categorie tipo rol'),
  roomNumber: words('room roomnumber roomno office raum zimmer raumnummer bureau sala kamer'),
  street: words('street streetaddress strasse rue calle straat via'),
  l: words('city town locality ort stadt wohnort ville ciudad citta cidade plaats by'),
  postalCode: words('zip zipcode postalcode postcode plz postleitzahl codepostal codigopostal cap cep'),
  preferredLanguage: words('language preferredlanguage lang locale sprache langue idioma lingua taal sprak'),
  description: words(
    'description bio about comment notes note remarks beschreibung bemerkung notiz descripcion',
  ),
  labeledURI: words('url website homepage weburl userurl web profileurl siteweb'),
  o: words(
    'company organization organisation companyname firma unternehmen entreprise societe empresa azienda bedrijf',
  ),
  jpegPhoto: words('photo jpegphoto avatar picture image portrait foto bild passbild'),
  createTimestamp:
    words(`createdat created createdon creationdate datecreated createddate createtime datejoined joinedat
    registered userregistered registeredat registrationdate insertedat createdtimestamp erstellt erstelltam angelegt
    angelegtam datecreation creele dateinscription fechacreacion creadoen datacreazione aangemaakt opprettet skapad`),
  modifyTimestamp:
    words(`updatedat updated modifiedat modified lastmodified lastupdate lastupdated dateupdated datemodified
    changedat changed updatetime modifydate geandert geandertam geaendert geaendertam aktualisiert aktualisiertam
    datemodification modifiele fechamodificacion datamodifica gewijzigd endret`),
} as const satisfies Readonly<Record<string, readonly string[]>>

export type Known = keyof typeof COLUMNS

/** Columns that say that somebody may log in. */
export const ENABLED: readonly string[] =
  words(`active isactive enabled isenabled useractive status userstatus state
  aktiv istaktiv aktiviert freigeschaltet zustand actif estactif actif etat statut activo activa estado habilitado attivo
  stato abilitato ativo actief aktivni`)

/** Columns that say that somebody may not. */
export const DISABLED: readonly string[] =
  words(`disabled isdisabled locked islocked blocked isblocked banned isbanned
  suspended issuspended inactive isinactive deactivated revoked disabledat lockedat blockedat bannedat suspendedat
  deactivatedat gesperrt istgesperrt deaktiviert inaktiv bloque desactive inactif suspendu bloqueado inactivo
  desactivado bloccato disattivato geblokkeerd sperrt`)

/** Columns that say that a row counts as deleted. */
export const DELETED: readonly string[] =
  words(`deletedat deleted isdeleted deletedon datedeleted removed removedat
  isremoved archivedat archived isarchived geloscht geloeschtam geloschtam geloescht istgeloscht supprime supprimele
  datesuppression estsupprime eliminado borrado cancellato verwijderd slettet`)

/** Columns that hold the key of somebody's superior. */
export const MANAGER: readonly string[] =
  words(`manager supervisor boss reportsto superior lead vorgesetzter vorgesetzte
  chef responsable superieur jefe supervisore capo leidinggevende leder`)

/** Text in `status` and the like that lets people log in. */
export const ACTIVE_VALUES: ReadonlySet<string> = new Set(
  words(`a active enabled ok y yes t true on normal approved confirmed verified valid current employed aktiv freigeschaltet
    ja actif active oui valide activo habilitado si attivo ativo sim actief 1`),
)

/** The same that does not. */
export const INACTIVE_VALUES: ReadonlySet<string> = new Set(
  words(`i d l b x n no f false off inactive disabled locked blocked banned suspended deleted pending closed left terminated
    retired expired invited unconfirmed archived gesperrt inaktiv deaktiviert geloscht nein ausgeschieden inactif bloque
    desactive supprime non inactivo bloqueado inattivo inativo 0`),
)

/** Columns of tables that keep attributes by name. */
export const NAME_OF_ATTRIBUTE: readonly string[] = words(
  'metakey key name attribute attributename field fieldname fieldid property propertyname option optionname code type schlussel cle clave',
)
export const VALUE_OF_ATTRIBUTE: readonly string[] = words(
  'metavalue value val attributevalue fieldvalue propertyvalue optionvalue content data wert valeur valor',
)

/** The ways in which a name may be meant, each with how sure it is. */
export type Spellings = ReadonlyMap<string, number>

/**
 * As it is, and without what only tells whose it is: `user_`, or what the names of all columns begin with.
 * @param prefix see `commonPrefix`
 */
export function spellingsOf(name: string, prefix = ''): Spellings {
  const all = wordsOf(name)
  const spellings = new Map<string, number>()
  const bare = prefix !== '' && name.startsWith(prefix) ? wordsOf(name.slice(prefix.length)) : all
  for (const one of [all, bare]) {
    if (!spellings.has(one.join(''))) spellings.set(one.join(''), one === all ? 1 : 0.96)
    const [owner = '', ...rest] = one
    if (rest.length > 0 && OWNERS.has(owner) && !spellings.has(rest.join('')))
      spellings.set(rest.join(''), 0.94)
  }
  return spellings
}

/** How well a name is one of these: 1 for the surest, less for later ones, 0 for none. */
export function likeness(spellings: Spellings, known: readonly string[]): number {
  let best = 0
  for (const [spelling, sure] of spellings) {
    const at = placesOf(known).get(spelling)
    if (at !== undefined) best = Math.max(best, sure - (0.4 * at) / known.length)
  }
  return best
}

const places = new WeakMap<readonly string[], ReadonlyMap<string, number>>()

function placesOf(known: readonly string[]): ReadonlyMap<string, number> {
  const ready = places.get(known)
  if (ready !== undefined) return ready
  const made = new Map([...known].map((word, at) => [word, at] as const).reverse())
  places.set(known, made)
  return made
}

const OWNERS: ReadonlySet<string> = new Set(
  words(
    'user usr u person pers p emp employee member account acc benutzer ma mitarbeiter utilisateur usuario contact is',
  ),
)

/** What the names of all columns begin with, up to a separator; empty where it is nothing or the whole of one. */
export function commonPrefix(names: readonly string[]): string {
  const [first = '', ...more] = names
  let length = first.length
  for (const name of more) while (!name.startsWith(first.slice(0, length))) length--
  const prefix = /^.*_/.exec(first.slice(0, length))?.[0] ?? ''
  return names.length < 2 || names.some((name) => name === prefix) ? '' : prefix
}

/** How well the name of a table says what it holds, from 0 to 1. */
export function tableLikeness(name: string, known: readonly string[]): number {
  const all = wordsOf(name.slice(name.lastIndexOf('.') + 1)).filter(
    (word) => !/^(?:tbl|tab|t|v|vw|view)$/.test(word),
  )
  const last = all.at(-1) ?? ''
  const places = placesOf(known)
  const at = (word: string) =>
    places.get(word) ?? places.get(singular(word)) ?? places.get(word.replace(/(?<=.{4})(?:en|er|e|n)$/, ''))
  const whole = at(all.join(''))
  if (whole !== undefined) return 1 - (0.3 * whole) / known.length
  const end = at(last)
  if (end !== undefined) return 0.8 - (0.3 * end) / known.length
  return all.some((word) => at(word) !== undefined) ? 0.4 : 0
}
