package io.replication4j.command.ssh;

import io.replication4j.command.SshDestination;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host as a user names it.
 *
 * @param host a name, an alias or an address
 */
record Address(Optional<String> user, String host, OptionalInt port) {

  private static final Pattern FORM =
      Pattern.compile(
          "(?:ssh://)?(?:(?<user>[^@]+)@)?(?:\\[(?<v6>[0-9A-Fa-f:.%a-z]+)]|(?<host>[^:@\\[\\]/]+))(?::(?<port>\\d{1,5}))?/?");

  Address {
    new SshDestination(user.orElse("user"), host, port.orElse(22)); // checks each part
  }

  static Address parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not an SSH address (user@host:port, an IPv6 address in brackets): '" + text + "'");
    }
    String host = Optional.ofNullable(matcher.group("v6")).orElseGet(() -> matcher.group("host"));
    String port = matcher.group("port");
    return new Address(
        Optional.ofNullable(matcher.group("user")),
        host,
        port == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(port)));
  }

  Address withUser(String newUser) {
    return new Address(Optional.of(newUser), host, port);
  }

  Address withPort(int newPort) {
    return new Address(user, host, OptionalInt.of(newPort));
  }
}
