/** Tables as applications have them, in SQL that every database takes, and the mappings that are to be proposed for them. */
import { expect } from 'vitest'

export interface Schema {
  readonly name: string
  readonly sql: string
  readonly people: Readonly<Record<string, unknown>>
  /** Of the view of groups; null: there is none. */
  readonly groups: Readonly<Record<string, unknown>> | null
  /** What is said to be looked at. */
  readonly doubts?: readonly RegExp[]
}

/** bcrypt of cost 4, of `correct horse`. */
const HASH = '$2b$04$ZDs6j5qog68tWt2kxv5gzuY764zndpA9HuMQ4eMrZbHAqxCA2jZIS'

const password = (column: string) => ({ column, verifyOnly: true })

export const schemas: readonly Schema[] = [
  {
    name: 'Rails with Devise',
    sql: `CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(255) NOT NULL UNIQUE, encrypted_password VARCHAR(255) NOT NULL,
        reset_password_token VARCHAR(255), sign_in_count INTEGER, first_name VARCHAR(80), last_name VARCHAR(80),
        locked_at TIMESTAMP NULL, created_at TIMESTAMP NULL, updated_at TIMESTAMP NULL);
      CREATE TABLE roles (id INTEGER PRIMARY KEY, name VARCHAR(80), resource_type VARCHAR(80), resource_id INTEGER);
      CREATE TABLE users_roles (user_id INTEGER, role_id INTEGER);
      CREATE TABLE schema_migrations (version VARCHAR(40) PRIMARY KEY);
      INSERT INTO users VALUES (1, 'ada@example.org', '${HASH}', NULL, 3, 'Ada', 'Lovelace', NULL, NULL, NULL),
        (2, 'emmy@example.org', '${HASH}', 'x', 0, 'Emmy', 'Noether', '2025-01-01 00:00:00', NULL, NULL);
      INSERT INTO roles VALUES (1, 'admin', NULL, NULL);
      INSERT INTO users_roles VALUES (1, 1);`,
    people: {
      from: 'users',
      key: 'id',
      attributes: {
        uid: 'email',
        cn: '{first_name} {last_name}',
        givenName: 'first_name',
        sn: 'last_name',
        mail: 'email',
        memberOf: { ref: 'groups', table: 'users_roles', on: 'user_id', value: 'role_id' },
        userPassword: password('encrypted_password'),
        createTimestamp: 'created_at',
        modifyTimestamp: 'updated_at',
      },
      enabled: { column: 'locked_at', equals: null },
    },
    groups: {
      from: 'roles',
      attributes: {
        cn: 'name',
        member: { ref: 'people', table: 'users_roles', on: 'role_id', value: 'user_id' },
      },
    },
  },
  {
    name: 'Laravel',
    sql: `CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(255) NOT NULL, email VARCHAR(255) NOT NULL UNIQUE,
        email_verified_at TIMESTAMP NULL, password VARCHAR(255) NOT NULL, remember_token VARCHAR(100),
        created_at TIMESTAMP NULL, updated_at TIMESTAMP NULL);
      CREATE TABLE password_reset_tokens (email VARCHAR(255) PRIMARY KEY, token VARCHAR(255), created_at TIMESTAMP NULL);
      CREATE TABLE sessions (id VARCHAR(80) PRIMARY KEY, user_id INTEGER, ip_address VARCHAR(45), payload VARCHAR(255));
      CREATE TABLE teams (id INTEGER PRIMARY KEY, user_id INTEGER, name VARCHAR(255) NOT NULL);
      CREATE TABLE team_user (id INTEGER PRIMARY KEY, team_id INTEGER, user_id INTEGER, role VARCHAR(40));
      INSERT INTO users VALUES (1, 'Ada Lovelace', 'ada@example.org', NULL, '${HASH}', NULL, NULL, NULL),
        (2, 'Emmy Noether', 'emmy@example.org', NULL, '${HASH}', NULL, NULL, NULL);
      INSERT INTO teams VALUES (1, 1, 'Analysts');
      INSERT INTO team_user VALUES (1, 1, 1, 'owner');`,
    people: {
      from: 'users',
      attributes: {
        uid: 'email',
        cn: 'name',
        displayName: 'name',
        sn: 'name',
        mail: 'email',
        memberOf: { ref: 'groups', table: 'team_user', on: 'user_id', value: 'team_id' },
        userPassword: password('password'),
        createTimestamp: 'created_at',
        modifyTimestamp: 'updated_at',
      },
    },
    groups: {
      from: 'teams',
      attributes: {
        cn: 'name',
        member: { ref: 'people', table: 'team_user', on: 'team_id', value: 'user_id' },
      },
    },
    doubts: [/nothing says who may not log in/],
  },
  {
    name: 'ASP.NET Core Identity',
    sql: `CREATE TABLE AspNetUsers (Id VARCHAR(64) PRIMARY KEY, UserName VARCHAR(200), NormalizedUserName VARCHAR(200) UNIQUE,
        Email VARCHAR(200), NormalizedEmail VARCHAR(200), EmailConfirmed INTEGER, PasswordHash VARCHAR(200),
        SecurityStamp VARCHAR(200), PhoneNumber VARCHAR(40), LockoutEnd VARCHAR(40), LockoutEnabled INTEGER);
      CREATE TABLE AspNetRoles (Id VARCHAR(64) PRIMARY KEY, Name VARCHAR(200), NormalizedName VARCHAR(200) UNIQUE);
      CREATE TABLE AspNetUserRoles (UserId VARCHAR(64) REFERENCES AspNetUsers (Id), RoleId VARCHAR(64) REFERENCES AspNetRoles (Id),
        PRIMARY KEY (UserId, RoleId));
      CREATE TABLE AspNetUserClaims (Id INTEGER PRIMARY KEY, UserId VARCHAR(64), ClaimType VARCHAR(80), ClaimValue VARCHAR(80));
      INSERT INTO AspNetUsers VALUES ('8f0c2c5e-0000-4000-8000-000000000001', 'ada', 'ADA', 'ada@example.org', 'ADA@EXAMPLE.ORG', 1,
        'AQAAAAIAAYagAAAAEK0gVHkWJp7vT3gqLxXl1m0f3w2Zz7n2o0p4u9y8x7w6v5u4t3s2r1q0p', 'x', '+44 20 5550 1234', NULL, 1);
      INSERT INTO AspNetRoles VALUES ('r1', 'Admin', 'ADMIN');
      INSERT INTO AspNetUserRoles VALUES ('8f0c2c5e-0000-4000-8000-000000000001', 'r1');`,
    people: {
      from: 'AspNetUsers',
      key: 'Id',
      uuid: 'Id',
      attributes: {
        uid: 'UserName',
        cn: 'UserName',
        sn: 'UserName',
        mail: 'Email',
        telephoneNumber: 'PhoneNumber',
        memberOf: { ref: 'groups', table: 'AspNetUserRoles', on: 'UserId', value: 'RoleId' },
      },
    },
    groups: {
      from: 'AspNetRoles',
      attributes: {
        member: { ref: 'people', table: 'AspNetUserRoles', on: 'RoleId', value: 'UserId' },
      },
    },
    doubts: [/PasswordHash is not mapped: its content is ASP\.NET Core Identity/, /nobody can bind/],
  },
  {
    name: 'Keycloak',
    sql: `CREATE TABLE user_entity (id VARCHAR(36) PRIMARY KEY, email VARCHAR(255), email_constraint VARCHAR(255),
        email_verified INTEGER, enabled INTEGER NOT NULL, federation_link VARCHAR(255), first_name VARCHAR(255),
        last_name VARCHAR(255), realm_id VARCHAR(255), username VARCHAR(255), created_timestamp BIGINT, not_before INTEGER,
        UNIQUE (realm_id, username), UNIQUE (realm_id, email_constraint));
      CREATE TABLE credential (id VARCHAR(36) PRIMARY KEY, salt VARCHAR(20), type VARCHAR(255),
        user_id VARCHAR(36) REFERENCES user_entity (id), created_date BIGINT, user_label VARCHAR(255),
        secret_data VARCHAR(900), credential_data VARCHAR(900), priority INTEGER);
      CREATE TABLE keycloak_group (id VARCHAR(36) PRIMARY KEY, name VARCHAR(255), parent_group VARCHAR(36), realm_id VARCHAR(36));
      CREATE TABLE user_group_membership (group_id VARCHAR(36), user_id VARCHAR(36) REFERENCES user_entity (id),
        PRIMARY KEY (group_id, user_id));
      INSERT INTO user_entity VALUES ('8f0c2c5e-0000-4000-8000-000000000001', 'ada@example.org', 'ada@example.org', 1, 1, NULL,
        'Ada', 'Lovelace', 'main', 'ada', 1700000000000, 0);
      INSERT INTO keycloak_group VALUES ('g1', 'Analysts', ' ', 'main');
      INSERT INTO user_group_membership VALUES ('g1', '8f0c2c5e-0000-4000-8000-000000000001');`,
    people: {
      from: 'user_entity',
      key: 'id',
      uuid: 'id',
      enabled: 'enabled',
      attributes: {
        uid: 'username',
        cn: '{first_name} {last_name}',
        givenName: 'first_name',
        sn: 'last_name',
        mail: 'email',
        memberOf: { ref: 'groups', table: 'user_group_membership', on: 'user_id', value: 'group_id' },
        createTimestamp: { column: 'created_timestamp', type: 'epochMillis' },
      },
    },
    groups: { from: 'keycloak_group' },
    doubts: [/nobody can bind/, /no index says that user_entity\.username is unique/],
  },
  {
    name: 'German names',
    sql: `CREATE TABLE abteilungen (abt_id INTEGER PRIMARY KEY, bezeichnung VARCHAR(80));
      CREATE TABLE mitarbeiter (personalnr INTEGER PRIMARY KEY, kuerzel VARCHAR(20) NOT NULL UNIQUE, vorname VARCHAR(80),
        nachname VARCHAR(80), email VARCHAR(120), telefon VARCHAR(40), handy VARCHAR(40),
        abteilung INTEGER REFERENCES abteilungen (abt_id), vorgesetzter INTEGER REFERENCES mitarbeiter (personalnr),
        kennwort VARCHAR(120), status VARCHAR(20), angelegt_am TIMESTAMP NULL);
      CREATE TABLE gruppen (gruppe_id INTEGER PRIMARY KEY, bezeichnung VARCHAR(80) NOT NULL UNIQUE);
      CREATE TABLE gruppenmitglieder (gruppe_id INTEGER REFERENCES gruppen (gruppe_id),
        personalnr INTEGER REFERENCES mitarbeiter (personalnr), PRIMARY KEY (gruppe_id, personalnr));
      INSERT INTO abteilungen VALUES (1, 'Vertrieb');
      INSERT INTO mitarbeiter VALUES (1, 'jm', 'Jürgen', 'Müller', 'jm@example.org', '+49 30 555 1234', '0151 5551234', 1, NULL, '${HASH}', 'aktiv', NULL),
        (2, 'sg', 'Sabine', 'Groß', 'sg@example.org', '030/555-1235', NULL, 1, 1, '${HASH}', 'ausgeschieden', NULL);
      INSERT INTO gruppen VALUES (1, 'Leitung');
      INSERT INTO gruppenmitglieder VALUES (1, 1);`,
    people: {
      from: 'mitarbeiter',
      key: 'personalnr',
      enabled: { column: 'status', equals: 'aktiv' },
      attributes: {
        uid: 'kuerzel',
        cn: '{vorname} {nachname}',
        givenName: 'vorname',
        sn: 'nachname',
        mail: 'email',
        telephoneNumber: 'telefon',
        mobile: 'handy',
        employeeNumber: 'personalnr',
        ou: { table: 'abteilungen', on: { abt_id: 'abteilung' }, value: 'bezeichnung' },
        manager: { ref: 'people', column: 'vorgesetzter' },
        memberOf: { ref: 'groups', table: 'gruppenmitglieder', on: 'personalnr', value: 'gruppe_id' },
        userPassword: password('kennwort'),
        createTimestamp: 'angelegt_am',
      },
    },
    groups: { from: 'gruppen', key: 'gruppe_id' },
  },
  {
    name: 'French names',
    sql: `CREATE TABLE utilisateurs (id_utilisateur INTEGER PRIMARY KEY, identifiant VARCHAR(40) NOT NULL UNIQUE, prenom VARCHAR(80),
        nom VARCHAR(80), courriel VARCHAR(120), mot_de_passe VARCHAR(120), actif INTEGER, date_creation TIMESTAMP NULL,
        supprime_le TIMESTAMP NULL);
      CREATE TABLE groupes (id_groupe INTEGER PRIMARY KEY, libelle VARCHAR(80));
      CREATE TABLE utilisateurs_groupes (id_utilisateur INTEGER, id_groupe INTEGER);
      INSERT INTO utilisateurs VALUES (1, 'aline', 'Aline', 'Lefèvre', 'aline@example.org', '${HASH}', 1, NULL, NULL),
        (2, 'rene', 'René', 'Dupont', 'rene@example.org', '${HASH}', 0, NULL, NULL);
      INSERT INTO groupes VALUES (1, 'Comptabilité');
      INSERT INTO utilisateurs_groupes VALUES (1, 1);`,
    people: {
      from: 'utilisateurs',
      key: 'id_utilisateur',
      enabled: 'actif',
      where: { supprime_le: null },
      attributes: {
        uid: 'identifiant',
        cn: '{prenom} {nom}',
        givenName: 'prenom',
        sn: 'nom',
        mail: 'courriel',
        memberOf: { ref: 'groups', table: 'utilisateurs_groupes', on: 'id_utilisateur', value: 'id_groupe' },
        userPassword: password('mot_de_passe'),
        createTimestamp: 'date_creation',
      },
    },
    groups: { from: 'groupes', attributes: { cn: 'libelle', member: expect.anything() } },
  },
  {
    name: 'camel case, and a table of log-ins that were',
    sql: `CREATE TABLE appUser (userId INTEGER PRIMARY KEY, userName VARCHAR(40) NOT NULL UNIQUE, firstName VARCHAR(80), lastName VARCHAR(80),
        emailAddress VARCHAR(120), mobilePhone VARCHAR(40), isLocked INTEGER, passwordHash VARCHAR(120), createdBy INTEGER,
        managerId INTEGER);
      CREATE TABLE appUserHistory (userId INTEGER PRIMARY KEY, userName VARCHAR(40), firstName VARCHAR(80), lastName VARCHAR(80),
        emailAddress VARCHAR(120), passwordHash VARCHAR(120), password VARCHAR(40));
      CREATE TABLE userEmail (id INTEGER PRIMARY KEY, userId INTEGER, address VARCHAR(120));
      INSERT INTO appUser VALUES (1, 'ada', 'Ada', 'Lovelace', 'ada@example.org', '+44 7700 900123', 0, '${HASH}', 1, NULL),
        (2, 'emmy', 'Emmy', 'Noether', 'emmy@example.org', NULL, 1, '${HASH}', 1, 1);
      INSERT INTO userEmail VALUES (1, 1, 'countess@example.org');`,
    people: {
      from: 'appUser',
      key: 'userId',
      enabled: { column: 'isLocked', not: 1 },
      attributes: {
        uid: 'userName',
        cn: '{firstName} {lastName}',
        givenName: 'firstName',
        sn: 'lastName',
        mail: ['emailAddress', { table: 'userEmail', on: 'userId', value: 'address' }],
        mobile: 'mobilePhone',
        manager: { ref: 'people', column: 'managerId' },
        userPassword: password('passwordHash'),
      },
    },
    groups: null,
  },
  {
    name: 'a table of named attributes',
    sql: `CREATE TABLE members (ID INTEGER PRIMARY KEY, login VARCHAR(60) NOT NULL UNIQUE, pass VARCHAR(120), email VARCHAR(120));
      CREATE TABLE member_meta (meta_id INTEGER PRIMARY KEY, member_id INTEGER, meta_key VARCHAR(80), meta_value VARCHAR(200));
      INSERT INTO members VALUES (1, 'ada', '${HASH}', 'ada@example.org'), (2, 'emmy', '${HASH}', 'emmy@example.org');
      INSERT INTO member_meta VALUES (1, 1, 'first_name', 'Ada'), (2, 1, 'last_name', 'Lovelace'), (3, 2, 'last_name', 'Noether'),
        (4, 1, 'theme', 'dark'), (5, 1, 'phone', '+44 20 5550 1234');`,
    people: {
      from: 'members',
      key: 'ID',
      attributes: {
        uid: 'login',
        cn: 'login',
        givenName: {
          table: 'member_meta',
          on: 'member_id',
          value: 'meta_value',
          where: { meta_key: 'first_name' },
        },
        sn: { table: 'member_meta', on: 'member_id', value: 'meta_value', where: { meta_key: 'last_name' } },
        mail: 'email',
        telephoneNumber: {
          table: 'member_meta',
          on: 'member_id',
          value: 'meta_value',
          where: { meta_key: 'phone' },
        },
        userPassword: password('pass'),
      },
    },
    groups: null,
  },
  {
    name: 'a key of two columns, and a unique one besides',
    sql: `CREATE TABLE users (tenant_id INTEGER, user_no INTEGER, guid VARCHAR(36) NOT NULL UNIQUE, login VARCHAR(60) NOT NULL UNIQUE,
        full_name VARCHAR(120), mail VARCHAR(120), status INTEGER, pwd VARCHAR(120), PRIMARY KEY (tenant_id, user_no));
      INSERT INTO users VALUES (1, 1, '8f0c2c5e-0000-4000-8000-000000000001', 'ada', 'Ada Lovelace', 'ada@example.org', 3, '${HASH}');`,
    people: {
      from: 'users',
      key: 'guid',
      uuid: 'guid',
      attributes: {
        uid: 'login',
        cn: 'full_name',
        displayName: 'full_name',
        sn: 'full_name',
        mail: 'mail',
        userPassword: password('pwd'),
      },
    },
    groups: null,
    doubts: [/what users\.status must be to log in is not known/],
  },
  {
    name: 'employees without passwords or log-in names',
    sql: `CREATE TABLE employees (emp_no INTEGER PRIMARY KEY, birth_date DATE, first_name VARCHAR(14), last_name VARCHAR(16), gender CHAR(1), hire_date DATE);
      CREATE TABLE departments (dept_no CHAR(4) PRIMARY KEY, dept_name VARCHAR(40) NOT NULL UNIQUE);
      CREATE TABLE dept_emp (emp_no INTEGER REFERENCES employees (emp_no), dept_no CHAR(4) REFERENCES departments (dept_no),
        from_date DATE, to_date DATE, PRIMARY KEY (emp_no, dept_no));
      CREATE TABLE salaries (emp_no INTEGER REFERENCES employees (emp_no), salary INTEGER, from_date DATE, PRIMARY KEY (emp_no, from_date));
      INSERT INTO employees VALUES (10001, '1953-09-02', 'Georgi', 'Facello', 'M', '1986-06-26');
      INSERT INTO departments VALUES ('d001', 'Marketing');
      INSERT INTO dept_emp VALUES (10001, 'd001', '1986-06-26', '9999-01-01');`,
    people: {
      from: 'employees',
      key: 'emp_no',
      attributes: {
        uid: 'emp_no',
        cn: '{first_name} {last_name}',
        givenName: 'first_name',
        sn: 'last_name',
        employeeNumber: 'emp_no',
        memberOf: { ref: 'groups', table: 'dept_emp', on: 'emp_no', value: 'dept_no' },
      },
    },
    groups: {
      from: 'departments',
      key: 'dept_no',
      attributes: {
        cn: 'dept_name',
        member: { ref: 'people', table: 'dept_emp', on: 'dept_no', value: 'emp_no' },
      },
    },
    doubts: [/people are called by employees\.emp_no/, /nobody can bind/],
  },
  {
    name: 'a user model of Django of its own',
    sql: `CREATE TABLE auth_group (id INTEGER PRIMARY KEY, name VARCHAR(150) NOT NULL UNIQUE);
      CREATE TABLE accounts_user (id INTEGER PRIMARY KEY, password VARCHAR(128) NOT NULL, last_login TIMESTAMP NULL, is_superuser INTEGER NOT NULL,
        username VARCHAR(150) NOT NULL UNIQUE, first_name VARCHAR(150), last_name VARCHAR(150), email VARCHAR(254),
        is_staff INTEGER NOT NULL, is_active INTEGER NOT NULL, date_joined TIMESTAMP NULL);
      CREATE TABLE accounts_user_groups (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES accounts_user (id),
        group_id INTEGER NOT NULL REFERENCES auth_group (id), UNIQUE (user_id, group_id));
      CREATE TABLE auth_permission (id INTEGER PRIMARY KEY, name VARCHAR(255), codename VARCHAR(100));
      INSERT INTO accounts_user VALUES (1, 'pbkdf2_sha256$600000$c2FsdHNhbHQ$wnMTNTu7AG4DU9eGV1kHKt/tkDwYHE4EVgYqlkhWGvQ=', NULL, 1,
        'ada', 'Ada', 'Lovelace', 'ada@example.org', 1, 1, NULL);`,
    people: {
      from: 'accounts_user',
      enabled: 'is_active',
      attributes: {
        uid: 'username',
        cn: '{first_name} {last_name}',
        givenName: 'first_name',
        sn: 'last_name',
        mail: 'email',
        memberOf: { ref: 'groups', table: 'accounts_user_groups', on: 'user_id', value: 'group_id' },
        userPassword: password('password'),
        createTimestamp: 'date_joined',
      },
    },
    groups: { from: 'auth_group' },
  },
  {
    name: 'columns that all begin alike, and one group each',
    sql: `CREATE TABLE t_gruppe (gru_id INTEGER PRIMARY KEY, gru_name VARCHAR(80));
      CREATE TABLE t_person (per_id INTEGER PRIMARY KEY, per_login VARCHAR(40), per_vorname VARCHAR(80), per_name VARCHAR(80),
        per_mail VARCHAR(120), per_tel VARCHAR(40), per_pw VARCHAR(120), per_geloescht INTEGER NOT NULL,
        per_gruppe INTEGER REFERENCES t_gruppe (gru_id));
      INSERT INTO t_gruppe VALUES (1, 'Einkauf');
      INSERT INTO t_person VALUES (1, 'jm', 'Jürgen', 'Müller', 'jm@example.org', '030 555 1234', '${HASH}', 0, 1),
        (2, 'sg', 'Sabine', 'Groß', 'sg@example.org', NULL, '${HASH}', 1, 1);`,
    people: {
      from: 't_person',
      key: 'per_id',
      where: { per_geloescht: { not: 1 } },
      attributes: {
        uid: 'per_login',
        cn: '{per_vorname} {per_name}',
        givenName: 'per_vorname',
        sn: 'per_name',
        mail: 'per_mail',
        telephoneNumber: 'per_tel',
        memberOf: { ref: 'groups', column: 'per_gruppe' },
        userPassword: password('per_pw'),
      },
    },
    groups: {
      from: 't_gruppe',
      attributes: {
        cn: 'gru_name',
        member: { ref: 'people', table: 't_person', on: 'per_gruppe', value: 'per_id' },
      },
    },
    doubts: [/no index says that t_person\.per_login is unique/],
  },
]
