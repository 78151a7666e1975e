# Asks the directory with Net::LDAP; prints what came of it as JSON. Arguments: URL, suffix, reader's DN and password.
use strict;
use warnings;
use Encode qw(encode_utf8);
use JSON::PP;
use Net::LDAP;
use Net::LDAP::Constant qw(LDAP_CONTROL_PAGED LDAP_COMPARE_TRUE);
use Net::LDAP::Control::Paged;
use Net::LDAP::Extension::WhoAmI;
use Net::LDAP::Util qw(canonical_dn escape_dn_value escape_filter_value ldap_error_name);

my ($url, $suffix, $reader, $reader_password) = @ARGV;
my $people = "ou=people,$suffix";
my $groups = "ou=groups,$suffix";
local $/;
my $asked = octets(JSON::PP->new->utf8->decode(<STDIN>));
my %result;

# Texts as octets in UTF-8, as Net::LDAP takes and gives them.
sub octets {
    my ($what) = @_;
    return {map { encode_utf8($_) => octets($what->{$_}) } keys %$what} if ref $what eq 'HASH';
    return [map { octets($_) } @$what] if ref $what eq 'ARRAY';
    return encode_utf8($what);
}

sub connect_as {
    my ($dn, $password) = @_;
    my $ldap = Net::LDAP->new($url, timeout => 10) or die $@;
    return ($ldap, $ldap->bind($dn, password => $password));
}

my ($ldap, $bound) = connect_as($reader, $reader_password);
die $bound->error if $bound->code;
for my $uid (keys %{$asked->{names}}) {
    my $cn = escape_filter_value($asked->{names}{$uid});
    my $found = $ldap->search(
        base => $people, scope => 'sub', filter => "(&(objectClass=person)(cn=$cn))", attrs => ['uid', 'mail']);
    die $found->error if $found->code;
    $result{found}{$uid} = [map { [$_->dn, $_->get_value('uid'), $_->get_value('mail')] } $found->entries];
}
for my $name (keys %{$asked->{binds}}) {
    my ($uid, $password) = @{$asked->{binds}{$name}};
    my ($other, $answer) = connect_as('uid=' . escape_dn_value($uid) . ",$people", $password);
    $result{binds}{$name} = $answer->code == 49 ? 'invalidCredentials' : $answer->code ? $answer->error : 'success';
    $other->unbind;
}
my $member = escape_filter_value("uid=ada,$people");
my $found = $ldap->search(base => $groups, filter => "(member=$member)", attrs => ['cn']);
$result{groups} = [sort map { $_->get_value('cn') } $found->entries];
my $page = Net::LDAP::Control::Paged->new(size => 2, critical => 1);
my @paged;
while (1) {
    my $answer = $ldap->search(base => $people, filter => '(uid=*)', attrs => ['uid'], control => [$page]);
    die $answer->error if $answer->code;
    push @paged, map { $_->get_value('uid') } $answer->entries;
    my ($control) = $answer->control(LDAP_CONTROL_PAGED) or last;
    my $cookie = $control->cookie or last;
    $page->cookie($cookie);
}
$result{paged} = [sort @paged];
my $dn = "uid=ada,$people";
$result{compare} = [
    map { $ldap->compare($dn, attr => 'sn', value => $_)->code == LDAP_COMPARE_TRUE ? JSON::PP::true : JSON::PP::false }
        'LOVELACE', 'Hopper'
];
$result{whoami} = $ldap->who_am_i->response;
$result{missing} = $ldap->search(base => "uid=nobody,$people", scope => 'base', filter => '(objectClass=*)')->code;

# What only this library does: comparing names in its own form, and reading root DSE and schema.
my $canonical = canonical_dn("UID=Ada, OU=people ,$suffix", casefold => 'lower');
my $again = $ldap->search(base => $canonical, scope => 'base', filter => '(objectClass=*)');
$result{own} = {
    canonical => $again->count,
    contexts => [$ldap->root_dse->get_value('namingContexts')],
    mail => $ldap->schema->attribute('mail')->{oid},
};
print JSON::PP->new->encode(\%result);
