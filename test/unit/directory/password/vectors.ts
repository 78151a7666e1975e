/**
 * Hashes that other implementations made, by family, each with its password. Data only.
 */

export interface Vector {
  readonly stored: string
  readonly password: string
}

const long = '0123456789'.repeat(12)
const unicode = 'pässwörd ✓'

function of(password: string, ...stored: readonly string[]): readonly Vector[] {
  return stored.map((text) => ({ stored: text, password }))
}

export const vectors = {
  /** slappasswd 2.5, with pw-sha2 for SHA-2. */
  ldap: [
    ...of(
      'secret',
      '{SSHA}Qh8FWgfA7Wi/DLUvIbQN3wnIqiwb/iE7',
      '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=',
      '{SMD5}wbgo7/US+ZcDAYyaBfWsot65Xhw=',
      '{MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==',
      '{SSHA256}0vvRipjoZAwke1EVa3YJwYB82//TyVJuVELHTmuc0KPVjfCzXcqMGw==',
      '{SSHA384}eDxisBBTrMoyS2zSoB7hKtQdve0w3jaBV8Dzs3a7HIF6fx17//sNdghDTS4TECapF6EUnzT0ZjY=',
      '{SSHA512}TX0dc1hn3idVxyUY1yz63r4EhCBJUa/VhWQMuGk/mzg6lihqEdLQFZYL5LLA7ScBBuBO7jvmpiFz/K9PycY1zT8P46oNc7eA',
      '{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=',
      '{SHA384}WKd1ukESvjAFrkQHznV9iP2nHUBJe7gCbsrFTU4//HIyzo3jq1rLMK45dg/ufFPt',
      '{SHA512}vSsar3708Jvp9Szi2NWZZ02Bqp1qRCFpbcTZPdBhnWgs5WtNZKnvCXdhztmeD2cmW192CF5bDufKRpayrW/isg==',
    ),
    ...of(
      unicode,
      '{SSHA}vPoOsN4Q8+TPKpq88ZxnZFaUYw5tLtz3',
      '{SHA}OOfnyHhavavQu7gAvp4qK8NTt2k=',
      '{SMD5}j3P64iiierm8Guvp1hSltWZpDMw=',
      '{MD5}Qk8Ky03vP10ttZCEdSzmbQ==',
      '{SSHA256}jb/l2eRHEe+vt0DQPc60l/Z29nCQX2ECYQsKOLrHQmpcWpXi8QHsNQ==',
      '{SSHA384}kBBY018I3LWR0lWXu5KmDgr3D6hJIRwyH6tUVpWb8LqzhwOG1mjxVNSP9BmLyH4BnMeVX8pvmDc=',
      '{SSHA512}tIkzButoxY3AmFwO+xHlNT1RaegcntE/CD+VVmHL2Myqqw7BR1o0OpY072RtYQxHO3VrMnfLK02pncYTlFUW18vv/oHdfXnf',
      '{SHA256}91Q3XMx3UxqLH/ay5CZGoDX+al6IxmoqCEJ2hii8Ovg=',
      '{SHA384}ntj+i6oCOETxuRVBO2Gd172UGXkLf57U3lf7TKMAvgG6CYZGKTQtM6TaySq+rrbv',
      '{SHA512}784MgrYYcbdkf87Er4sVebUAVsG9IbxvYyHMghkay9dn0zL5m0yPgzK1OkKXFPaWSsxxmwjMrY6fn70j2E0yiQ==',
    ),
  ],
  /** openssl passwd 3.0 and glibc crypt(3). */
  crypt3: [
    ...of(
      'secret',
      '$1$Vitr1ne.$hDQkE.Z/qli4XwII7caV//',
      '$apr1$Vitr1ne.$NuSfkJ22L3hoklFLg7GrC.',
      '$5$Vitr1ne.$ICStI/aQk56a/eMC025pasnnguIeIrQUgh5AeY1cdlC',
      '$6$Vitr1ne.$odQAe6oTsdGobN3Tmqqn9xzOy.NvmAR8RA2vqE2scSvDOdWopv5.kFrEIyQ11JWql.NYl9iaFCfcbTiZJtyvo1',
      '$1$abc$iCQ2D3nhptRYi27fDYv2s1',
      '$1$$ysVNzQc4CTMkp5daOdZ.3/',
      '$5$rounds=1000$x$MwH1x3tv6pfJx.FrwforYF3VY24cFP1kjo6fe/LdghD',
      '$5$0123456789abcdef$r6nzC5LUC0uVXFw52gWstJ181ms.XFW71j20yui2zG7',
      '$6$rounds=1234$saltsalt$DSBPDUZo0nCMWUbkNmW7RMcfxGS7cBvIvCXqeuthKtjYB6G18g/1OQ8smAgXrYCNdMBsO.kPjvs8iRopadGpI/',
      '$6$rounds=10000$0123456789abcdef$gSy5VF5ySG5/uV08PkwjFUoogx1q7gWxnw3f6ykYMdK6EdIpj4shFbc/W.Xg/wXfN3SMqlULJfXnkXcJ0dHu10',
      '$6$$2M9DchxW4txWyTYoZrH9D3VvAAQxBpEezYsLY6Cao.jwzEXpyL9xwip9hiUZX7GqTqe/E/z6iKvZqXUuqniQH.',
      '{CRYPT}$1$wrapped$SsmHGIWi/oBVMNKuhPJiB.',
      '{CRYPT}$6$wrapped$G.5y2F7cu9HUREd3Oog82rWsPtEJQZdegTw7KxAthwUVbLzAuMGNcQGF3/3RMFWOyoBizNWOhXcAJfsd.yowO1',
    ),
    ...of(
      unicode,
      '$1$Vitr1ne.$Ao7rU9INf2zc691dsz/8o0',
      '$apr1$Vitr1ne.$Pu2GjrA7AmaDF.73lwalZ.',
      '$5$Vitr1ne.$IlJU39Z0QTJwDlYyWszYGtZW85wJF6.4EGqguED6k14',
      '$6$Vitr1ne.$nN7nuXyejStT7oNcL9RVMi8W3/p3tPmD1X8RN4Rjpj61IK3obr.Gbq1e7og5G3hyRmulrZv70r3s6.8.6mnfq/',
      '$1$abc$uIWK4ENLvtRrbCW7l.nP5.',
      '$1$$CYvSq57HG..ZrTjpYw.3M0',
      '$5$rounds=1000$x$hTCnZcFLod4PAfQEuKhPD6znyZEVj9Hyxbh9eLRgMf7',
      '$5$0123456789abcdef$lSxfn6t0m/FAzUBjq8ImnR0Z4DfSDpw9uvbnyX9WF74',
      '$6$rounds=1234$saltsalt$3EFgc9FkXqwYbB0NKbKg2LIZiVzwlPxAdCGCw4JIRKA4uzLgg27iWkPWkFuemP55eZp1vl76NQI1gVT86PX3B/',
      '$6$rounds=10000$0123456789abcdef$6k4OSc9lyKqrhIBeln4eCP979TUA6dRXzYlV2AtLH4bfnxFXJxfij4tXJvZ2HZjqrcau2ZYIJceW6dnIJOXs0/',
      '$6$$WcWmESg4Gv9/tthd3XqaToMYpNsct.5hfCrpzU2llMMHYTlhyALZsDniU7fPaNxRT5DBaVH.5py1h1pnerfON0',
      '{CRYPT}$1$wrapped$mx.xTblNTF1sPHcqkshGR.',
      '{CRYPT}$6$wrapped$RnKXQ/29L9SoXscWmj4VQJrAMm.hnE1XKZs/01ZGYjUjNRYwvVxYN80OkrBtAONmGPEo31Ax0zqIZ.jGLv842/',
    ),
    ...of(
      '',
      '$1$Vitr1ne.$QXEwGk1r3claVPv2b8aiw.',
      '$apr1$Vitr1ne.$jG8UGJEJm6MX1Nlbn2wph.',
      '$1$abc$Or2rbeUYTvt12aiVzMuS/.',
      '$1$$qRPK7m23GJusamGpoGLby/',
      '$5$rounds=1000$x$kIBhdUvT3pHpfTjzR8s1XJu3y/HRJeFxMSffBtF8jx9',
      '$5$0123456789abcdef$Zn36wCiXtVKLQsl4EZaBU/Ag5FUHHzFRXevhCLkg7x/',
      '$6$rounds=1234$saltsalt$59Lo4KZV3L2vIp4.TZfAVH9Sy3iPyjjO4hrn227fhHCT3V8HW6Lt/ZIhF1OMtOWnqsL6PjOLsd/HRo7SERcMt1',
      '$6$rounds=10000$0123456789abcdef$vSfSxvP0ru0gfmP/4hgUYoCOArd05huPN6UP18Q3xTAhSNi7T22GtT3QXdmR02q0G7n5sWxgxPFdhnRD1p1RD.',
      '$6$$/chiBau24cE26QQVW3IfIe68Xu5.JQ4E8Ie7lcRLwqxO5cxGuBhqF2HmTL.zWJ9zjChg3yJYFXeGBQ2y3Ba1d1',
    ),
    ...of(
      long,
      '$1$long$PmNuJ/owhP1KzdniXhC50/',
      '$5$long$McH1xaX.ePeETn7TVRgg/DIUeXfIiC/oimzDDjtJfk6',
      '$6$rounds=1001$long$7.R0dFOwAeECc/RzCmcfIkTG7avb/rgsZz2AglQbeWLQHVtGEuZPGBcoq3aUOKeLcRKlxTHGOMDfvl5MwFdZ21',
    ),
    ...of(
      'Hello world!',
      '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5',
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
    ),
  ],
  /** libxcrypt, Python bcrypt 5.0, Django 5.2. */
  bcrypt: [
    ...of(
      'secret',
      '$2b$05$d8FZiBOcq/xwrWO9IywtQOIvhgp.c7TzEg76Lxwfdbq/vPablCxfm',
      '$2a$05$bX0PM7Dg.kxDJ/jL4OV6huuPrksX09hTF.rtEyHd5YBPTqu98wv1W',
      '$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a',
      '{CRYPT}$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a',
      '{BCRYPT}$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a',
      '{bcrypt}$2a$04$Sc1VSDm8LbMy2GLew1uCEeN7as0HM6mDTEnofSCiYZIQETENOmPIC',
      'scrypt$2048$seasalt$4$3$c45BNUPLOzK/45wybPALtKLrUqBSJHT8sHYCJM85U3E6Eam4R0mFzGQ7n36+T3199XEEtKsgkFS7TckoK5ZoSQ==',
      'bcrypt_sha256$$2b$04$tR5FvSSlvCX1iCDB7rLjAeLlBr6gPmL5g.GUTkJvPpcPma.E5bcm2',
      'bcrypt$$2b$04$Z3fi3YTJaar7.jjpoNqaWu7i9pbn3cU2jWbM5ADQOVZGVoasZ8XOO',
      '$bcrypt-sha256$v=2,t=2b,r=4$jjbQUWPrnmKiasqmr3pf.u$66.XHQU5v1nU2h73Zm916BJpcqrD5ku',
      '$bcrypt-sha256$2b,4$jjbQUWPrnmKiasqmr3pf.u$Zum1qj3Ew2xOlt1DlFaYhT3yyULLe/u',
      '{PBKDF2-SHA512}10000$/oQ4xZi382mk7kvCd3ZdkA$2wqjpuyV2l0U/a1QwoQPOtlQL.UcJGNACj1O24balruqQb/NgPW6OCvvrrJP8.SzA3/5iYvLnwWPzeX8IK/bEQ',
    ),
    ...of(
      unicode,
      '$2b$05$b5O3eU2bzJnxaEnF9eGXoOEPUAvIlkjTVMTPZ2.z5EhX46S1hZoDe',
      '$2a$05$WqRclwPkRxJ/0OvwYh2hLOW/in0cwYg5ipO861S3ClBWzwjYdjesq',
      '$2y$05$abcdefghijklmnopqrstuucXzl.EdFiYZ8M9ef3QFcQ5vnOe67Nqe',
      '{CRYPT}$2y$05$abcdefghijklmnopqrstuucXzl.EdFiYZ8M9ef3QFcQ5vnOe67Nqe',
      '{BCRYPT}$2y$05$abcdefghijklmnopqrstuucXzl.EdFiYZ8M9ef3QFcQ5vnOe67Nqe',
      '{bcrypt}$2a$04$X/syHImOgSfOjemB08Jk9.fEcsJv0.3aOK7zvAOt2AmeFg6zxfqw6',
      '$argon2id$v=19$m=1024,t=2,p=2$2Jx7BQxO+iqyZrzl9YNOZg$jhcKCZOiRAo5tZCakI1eP6bT8s/rdaXAxyzRTAdH4mQ',
      'scrypt$2048$seasalt$4$3$CrY8xtEi5FUqFbANb0n3Vbhuxhqp8FwG1qena5J9AnjbJcOwFykVIVQpfAAK4InYFO73aoH2YrjMA+jkFMy/AA==',
      'bcrypt_sha256$$2b$04$U4nNwiFZIChM3H07KUgWUe0nCYpjM7C2LwmzoKIZZ3HluqfekJDtK',
      'bcrypt$$2b$04$WxdH5kGphxWO/bDMPO7Atu.fi/UtMOz1IzHWnzf2bBw.0Wdun/EQ6',
      '$bcrypt-sha256$v=2,t=2b,r=4$/haM1wedr2iSD3u7lT3Eku$cpPW.Jm4vyE3gSSUs2MKFWY7TNlRcey',
      '$bcrypt-sha256$2b,4$/haM1wedr2iSD3u7lT3Eku$qJr8IGFrioPpeyZlOAsU84tf2wxCe2e',
    ),
  ],
  /** slappasswd 2.5, argon2-cffi 25.1, Django 5.2. */
  argon2: [
    ...of(
      'secret',
      '{ARGON2}$argon2i$v=19$m=4096,t=3,p=1$pvaZbslAoZJyRFBr8J7prA$eJKMUQJSgRkpkRKLI4TNJ6jyJVZLJYKssWeOG3EZ38o',
      '$argon2id$v=19$m=1024,t=2,p=2$xLywH6n2Veu2cJAss+Y86A$Uso6reaUcDSWYLZ404o0Ec1bY3JzVLX6jUEXfgUx8O8',
      '$argon2i$v=19$m=512,t=3,p=1$VVCyaFqLAJyO7jbZeNW+IQ$xxPgU3/vBq/p+w51NlkkuQOK+pduLo/s',
      '$argon2d$v=19$m=512,t=1,p=1$BOyBJN232cu+sETT3eHQXA$ewmyje5uJ4jTDHuprqC5fw',
      '$argon2i$v=16$m=256,t=2,p=1$c29tZXNhbHQ$DiDfrdEC9bLQ2yLj9Z65A/LxxSSHidxfyRSCGlaC1m4',
      '$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$DiDfrdEC9bLQ2yLj9Z65A/LxxSSHidxfyRSCGlaC1m4',
      'argon2$argon2id$v=19$m=1024,t=2,p=2$c2Vhc2FsdHNlYXNhbHQ$6ZZAbw13Ra7fha1X5BpziUZkbvTZXVcLkTOsgzSVa48',
    ),
    ...of(
      unicode,
      '{ARGON2}$argon2i$v=19$m=4096,t=3,p=1$XhJ0mgAMCm+SAXMuliB1UQ$uA5oDzkVY1oD8zjyLmWDYXJF/8P2MxJNZSor1qlvk4A',
      '$argon2i$v=19$m=512,t=3,p=1$/GJtkJvXxZ4w1owpiBsrQg$QAmY8iO9i6Ap1SNzUonGrMIr0/5BCTBI',
      '$argon2d$v=19$m=512,t=1,p=1$yX+tLSgggVawepwl2S6yFQ$Xkef5Cm2rQEEhw2WDRFpug',
      '$argon2i$v=16$m=256,t=2,p=1$c29tZXNhbHQ$gbiKLhHWWs2Ubo3SxWcnwEei2KCQYKTGFMV16+2aUSg',
      '$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$gbiKLhHWWs2Ubo3SxWcnwEei2KCQYKTGFMV16+2aUSg',
      'argon2$argon2id$v=19$m=1024,t=2,p=2$c2Vhc2FsdHNlYXNhbHQ$u5e24PNfA7m0xBhRWPOPBxpxAw0WzuoxHisL1FtdClw',
    ),
  ],
  /** passlib 1.7, Django 5.2. */
  scrypt: [
    ...of(
      'secret',
      '$scrypt$ln=10,r=8,p=2$jtHaG8NYixGiFEIoZezdWw$jbxEhLKkyOcroTihx8jGErSCjElG7vO7LKxG+XPmLww',
      'scrypt$1024$seasalt$8$5$eP3qakKcj/drdptxG9JolEyXUxd5Sgns+9BJZJfFmJklwyvOB1aMAQ216EfxS0THOl6Uld+/Bj3AFhhCU4tf3g==',
    ),
    ...of(
      unicode,
      '$scrypt$ln=10,r=8,p=2$9b7Xutea815LaQ0hREgJQQ$E+jfBcEAbxOJDRA3DuzUbj26AHs51QscpaedW4EQuao',
      'scrypt$1024$seasalt$8$5$O1lixVwsTOVrS1s4aEcBN/3HnPzITbL2mfmTJ/A9TkYFHb1hoifdn9QCEfrHy7LpjkvB5di3DfzLxZHETrktcA==',
    ),
  ],
  /** passlib 1.7, Django 5.2, slapd-pw-pbkdf2(5). */
  pbkdf2: [
    ...of(
      'secret',
      '$pbkdf2$1200$cm7Nubc2JiQkpNTaW0vpnQ$9qfIpLN.7Si2brWafzNV2LRPcxA',
      '$pbkdf2-sha256$1200$WqtVau19r9UaA0AIgdB6Dw$VVL7SQSqnqrREXux5ncqJkxB6kxChEbY6TQbXtnQPJU',
      '$pbkdf2-sha512$1200$DmEMgVCKkdK61/q/dw$bxf5b.sORunBru1EcamKZNC40TBJ/mWesvmUqvf9RsVVSOf1byLYLU5aAGQv340HV6hKoDBdXvuyovT7m42VeA',
      '{PBKDF2}1200$K8X43xvjHEOIsXYOYWzNuQ$8DHLmqOrWJsOa7VMIpzvgPmLT9k',
      '{PBKDF2-SHA256}1200$SEkJ4fy/9z7H2DsnpHRurQ$XwUBTjDOU7qcgzzc821J9DewDuXbMRYde7Wb61RU8c0',
      '{PBKDF2-SHA512}1200$0rq3Vqp1rtVa693be.99bw$bmoKoCbnm/CaxsyKRYaHqyQY73rh/tT1aqNWmYVGFad/a6JQb.Rf7enebkll0LKJ/5k1hgu.iDokePqfS31Iiw',
      'pbkdf2_sha256$1300$seasalt$83/2V0/n7OfbxevSbl7IaUmt1fbn3O4eoJEoUDQ7upw=',
      'pbkdf2_sha1$1300$seasalt$14WmFaLV0VwIHGIMfNxj4dTeIes=',
      '{PBKDF2-SHA256}10000$jq40ImWtmpTE.aYDYV1GfQ$mpiL4ui02ACmYOAnCjp/MI1gQk50xLbZ54RZneU0fCg',
      '{PBKDF2-SHA1}10000$QJTEclnXgh9Cz3ChCWpdAg$9.s98jwFJM.NXJK9ca/oJ5AyoAQ',
    ),
    ...of(
      unicode,
      '$pbkdf2$1200$i9Ha.18LwTinNIaQsva.1w$kf3XIp24GTh72Zv4M6pGqE3S3Ek',
      '$pbkdf2-sha256$1200$Pce4F0Jo7X0PQag1JgRgzA$6qH3JKJrjXU3W/kTWD07vz98f7vx2Z/JHaDbFDlLBBI',
      '$pbkdf2-sha512$1200$vzdGyLlXqnVubS3FmA$F61mWeTzXjiqTFtMoKFeie7ZS3oJGMmcRP05RyOdTZg6RSc2G5PnCUaIyrxXocawdwCT/zQngj8mwxhlAcaxjQ',
      '{PBKDF2}1200$AOBcC0ForRXifK/1HiNEqA$5RiOfkmVhIAdBFhjP3tatduiYVs',
      '{PBKDF2-SHA256}1200$WosxJuQcI8S4V.q9t5Zybg$Ly0ABq02VQeBn/CYBLuiOpC2bZmDptFNITJudbb1bEs',
      '{PBKDF2-SHA512}1200$zflf672X0tqbM4bwHsM4hw$YI0FfIHJ3KHhEwm7wZgV1cmg57UBwrutTI1j2bQJgCNNhQLLQyJTZlpsLWycOyQY.PiYZfBji60emo8HqNidbw',
      'pbkdf2_sha256$1300$seasalt$j2Qig5zxR3WPEWOvH5AphS6VhC97X4v74WeqfNnnJ44=',
      'pbkdf2_sha1$1300$seasalt$xmi04C7iuhGrmlG32T7OtvTdhJQ=',
    ),
  ],
  /** passlib 1.7. */
  phpass: [
    ...of(
      'secret',
      '$P$6xauK29AT.0wdRpoG/j0B4Mhmteoy4.',
      '$P$BCVscrSLRc4y0jroK96k4g.lSLJpaE/',
      '$H$9s7M0bRMZAZtB4Yrwd2n0Av29TV7ya0',
    ),
    ...of(
      unicode,
      '$P$6r5T.xaLr.6rK6X03YmQnMPR4ETSgX.',
      '$P$Ba08/Yn5dI9GUNSdXsjnrhsR0760Iy/',
      '$H$9xKqPQKaeY2iFA9GlIMro0n0MM6GDC.',
    ),
    ...of('test12345', '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0'),
  ],
  /** Python hmac and bcrypt. */
  wordpress: [
    ...of('secret', '$wp$2y$04$9XEmayRuii0xI53FQwW5Ru47ZT3i2XG9xeG9haJCAitoY89kRDsI.'),
    ...of(unicode, '$wp$2y$04$McA38oX2wC622BxY2LvDmus.JC9JkBb1B0OqaIyRqFcpPgrREuf8u'),
  ],
  /** Python hashlib and argon2-cffi, laid out as Keycloak's JSON. */
  keycloak: [
    ...of(
      'secret',
      '{"hashIterations": 1500, "algorithm": "pbkdf2-sha256", "value": "Iwjtyi3mcUzKATyiVwo/ogApYFCg6sUGB1piF5C/aZA+6q/xV1w32+87MMStSp+9XcoPhDtWhilaMsD3rV5IZA==", "salt": "MDEyMzQ1Njc4OWFiY2RlZg=="}',
      '{"hashIterations": 1500, "algorithm": "pbkdf2-sha512", "value": "tlZSklXZ9kII93hGp+pzRf4EIFqImD5JZYKd/GlCb9TUtT9etEhMe8UMwT4leWEWX0slibJdv39NgHluUuYJQA==", "salt": "MDEyMzQ1Njc4OWFiY2RlZg=="}',
      '{"hashIterations": 1500, "algorithm": "pbkdf2", "value": "qNoxB5WYSOrBpHcqPHmEXv3H2ClEiwvQSuoarKjJRF59AU/7AHzyPf3uYWU+lF5laRzGV1SYCK4ApqAtxbojCg==", "salt": "MDEyMzQ1Njc4OWFiY2RlZg=="}',
      '{"hashIterations": 1500, "algorithm": "pbkdf2-sha256", "value": "Iwjtyi3mcUzKATyiVwo/ogApYFCg6sUGB1piF5C/aZA=", "salt": "MDEyMzQ1Njc4OWFiY2RlZg=="}',
      '{"secretData": "{\\"value\\": \\"Iwjtyi3mcUzKATyiVwo/ogApYFCg6sUGB1piF5C/aZA=\\", \\"salt\\": \\"MDEyMzQ1Njc4OWFiY2RlZg==\\", \\"additionalParameters\\": {}}", "credentialData": "{\\"hashIterations\\": 1500, \\"algorithm\\": \\"pbkdf2-sha256\\", \\"additionalParameters\\": {}}"}',
      '{"secretData": {"value": "Iwjtyi3mcUzKATyiVwo/ogApYFCg6sUGB1piF5C/aZA=", "salt": "MDEyMzQ1Njc4OWFiY2RlZg==", "additionalParameters": {}}, "credentialData": {"hashIterations": 1500, "algorithm": "pbkdf2-sha256", "additionalParameters": {}}}',
      '{"value": "ADgnSD2GTbLB5Mq8kEihhhot4owpgujWNbhEN+PERsQ=", "salt": "MDEyMzQ1Njc4OWFiY2RlZg==", "hashIterations": 5, "algorithm": "argon2", "additionalParameters": {"hashLength": ["32"], "memory": ["1024"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}}',
    ),
    ...of(
      unicode,
      '{"hashIterations": 1500, "algorithm": "pbkdf2-sha256", "value": "M9xNgN8OWPkdlI9LvXq0h2xBnN/N8fnvE9moXvQqW3Uy1z7r9PdR47wgYLcQ9rEabygmkf+QsKuv6bHeX1v/sA==", "salt": "MDEyMzQ1Njc4OWFiY2RlZg=="}',
      '{"hashIterations": 1500, "algorithm": "pbkdf2-sha512", "value": "mpm3IjmSpeKo5C1uue0ysfJWg/RVD5aNKbZOYLLXsP9YTmi1n+TBvTD2sP8GEr1fH6nSIuuI6tp4Di/u5U5yJA==", "salt": "MDEyMzQ1Njc4OWFiY2RlZg=="}',
      '{"hashIterations": 1500, "algorithm": "pbkdf2", "value": "KlpOu/bGCwFtZTygVFKQi0FQrpOr5NhsiKHPsE874sChzITQ0EnA5+QTjqht6bLhDlrHv24xslhbYMkf4yc6OA==", "salt": "MDEyMzQ1Njc4OWFiY2RlZg=="}',
      '{"hashIterations": 1500, "algorithm": "pbkdf2-sha256", "value": "M9xNgN8OWPkdlI9LvXq0h2xBnN/N8fnvE9moXvQqW3U=", "salt": "MDEyMzQ1Njc4OWFiY2RlZg=="}',
      '{"secretData": "{\\"value\\": \\"M9xNgN8OWPkdlI9LvXq0h2xBnN/N8fnvE9moXvQqW3U=\\", \\"salt\\": \\"MDEyMzQ1Njc4OWFiY2RlZg==\\", \\"additionalParameters\\": {}}", "credentialData": "{\\"hashIterations\\": 1500, \\"algorithm\\": \\"pbkdf2-sha256\\", \\"additionalParameters\\": {}}"}',
      '{"secretData": {"value": "M9xNgN8OWPkdlI9LvXq0h2xBnN/N8fnvE9moXvQqW3U=", "salt": "MDEyMzQ1Njc4OWFiY2RlZg==", "additionalParameters": {}}, "credentialData": {"hashIterations": 1500, "algorithm": "pbkdf2-sha256", "additionalParameters": {}}}',
      '{"value": "9OOgDt7yK5dL3vYnjKS1fw4DXHwgKqoMt3ZXZJHUI24=", "salt": "MDEyMzQ1Njc4OWFiY2RlZg==", "hashIterations": 5, "algorithm": "argon2", "additionalParameters": {"hashLength": ["32"], "memory": ["1024"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}}',
    ),
  ],
} satisfies Record<string, readonly Vector[]>
