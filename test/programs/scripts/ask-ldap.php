<?php
// Asks the directory with PHP's ldap; prints what came of it as JSON. Arguments: URL, suffix, reader's DN and password.
[, $url, $suffix, $reader, $readerPassword] = $argv;
$people = "ou=people,$suffix";
$groups = "ou=groups,$suffix";
$asked = json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR);
set_error_handler(function (int $level, string $message) { throw new ErrorException($message, 0, $level); });

function connectTo(string $url): LDAP\Connection
{
    $ldap = ldap_connect($url);
    ldap_set_option($ldap, LDAP_OPT_PROTOCOL_VERSION, 3);
    ldap_set_option($ldap, LDAP_OPT_REFERRALS, 0);
    ldap_set_option($ldap, LDAP_OPT_NETWORK_TIMEOUT, 10);
    return $ldap;
}

function bindAs(string $url, string $dn, string $password): string
{
    $ldap = connectTo($url);
    if (@ldap_bind($ldap, $dn, $password)) return 'success';
    return ldap_errno($ldap) === 49 ? 'invalidCredentials' : ldap_error($ldap);
}

function values(array $entries, string $attribute): array
{
    $values = array_map(fn (array $entry) => $entry[$attribute][0], array_filter($entries, 'is_array'));
    sort($values);
    return array_values($values);
}

restore_error_handler();
$ldap = connectTo($url);
ldap_bind($ldap, $reader, $readerPassword) or exit(1);
$result = [];
foreach ($asked['names'] as $uid => $cn) {
    $filter = '(&(objectClass=person)(cn=' . ldap_escape($cn, '', LDAP_ESCAPE_FILTER) . '))';
    $entries = ldap_get_entries($ldap, ldap_search($ldap, $people, $filter, ['uid', 'mail']));
    $found = array_filter($entries, 'is_array');
    $result['found'][$uid] =
        array_values(array_map(fn (array $entry) => [$entry['dn'], $entry['uid'][0], $entry['mail'][0]], $found));
}
foreach ($asked['binds'] as $name => [$uid, $password]) {
    $dn = 'uid=' . ldap_escape($uid, '', LDAP_ESCAPE_DN) . ",$people";
    $result['binds'][$name] = bindAs($url, $dn, $password);
}
$member = ldap_escape("uid=ada,$people", '', LDAP_ESCAPE_FILTER);
$result['groups'] = values(ldap_get_entries($ldap, ldap_list($ldap, $groups, "(member=$member)", ['cn'])), 'cn');
$cookie = '';
$paged = [];
do {
    $controls = [['oid' => LDAP_CONTROL_PAGEDRESULTS, 'iscritical' => true, 'value' => ['size' => 2, 'cookie' => $cookie]]];
    $answer = ldap_search($ldap, $people, '(uid=*)', ['uid'], 0, -1, -1, LDAP_DEREF_NEVER, $controls);
    ldap_parse_result($ldap, $answer, $code, $matched, $message, $referrals, $controls);
    array_push($paged, ...values(ldap_get_entries($ldap, $answer), 'uid'));
    $cookie = $controls[LDAP_CONTROL_PAGEDRESULTS]['value']['cookie'] ?? '';
} while ($cookie !== '');
sort($paged);
$result['paged'] = $paged;
$dn = "uid=ada,$people";
$result['compare'] = [ldap_compare($ldap, $dn, 'sn', 'LOVELACE'), ldap_compare($ldap, $dn, 'sn', 'Hopper')];
$result['whoami'] = ldap_exop_whoami($ldap);
@ldap_read($ldap, "uid=nobody,$people", '(objectClass=*)');
$result['missing'] = ldap_errno($ldap);
// What only PHP does: searching several bases at once, each on a connection of its own.
$second = connectTo($url);
ldap_bind($second, $reader, $readerPassword) or exit(1);
$parallel = ldap_search([$ldap, $second], [$people, $groups], '(cn=*e*)', ['cn']);
$result['own'] = ['parallel' => array_map(fn ($one) => ldap_count_entries($ldap, $one), $parallel)];
echo json_encode($result, JSON_THROW_ON_ERROR);
