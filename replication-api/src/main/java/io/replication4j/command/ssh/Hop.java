package io.replication4j.command.ssh;

import io.replication4j.command.SshDestination;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One SSH server on the way, with everything that the options and the configuration say about it.
 *
 * @param identities files of private keys, in order
 * @param agentSocket where keys can be asked for
 * @param knownHosts files of host keys; the first one takes new ones
 */
record Hop(
    SshDestination destination,
    List<Path> identities,
    Optional<Path> agentSocket,
    List<Path> knownHosts) {

  private static final int MAX_JUMPS = 8;

  /** The servers to pass, the destination last. */
  static List<Hop> route(SshOptions options) {
    List<Hop> hops = new ArrayList<>();
    addRoute(options, options.address, options.jump, hops, 0);
    return List.copyOf(hops);
  }

  private static void addRoute(
      SshOptions options, Address address, Optional<String> jump, List<Hop> hops, int depth) {
    if (depth > MAX_JUMPS) {
      throw new IllegalArgumentException(
          "too many jump hosts on the way to " + options.address.host() + ", or a circle");
    }
    SshConfigFile config =
        options
            .configFile
            .map(file -> SshConfigFile.read(file, address.host()))
            .orElse(SshConfigFile.empty(address.host()));
    String via = jump.or(() -> config.word("ProxyJump")).orElse("none");
    if (!via.equals("none")) {
      List<String> jumps = List.of(via.split(",", -1));
      for (int i = 0; i < jumps.size(); i++) {
        // only the first one may have a way of its own: the others are reached through it
        addRoute(
            options,
            Address.parse(jumps.get(i).strip()),
            i == 0 ? Optional.empty() : Optional.of("none"),
            hops,
            depth + 1);
      }
    }
    hops.add(resolve(options, address, config));
  }

  private static Hop resolve(SshOptions options, Address address, SshConfigFile config) {
    String host =
        config
            .word("HostName")
            .map(name -> name.replace("%h", address.host()))
            .orElse(address.host());
    int port = address.port().orElseGet(() -> config.word("Port").map(Integer::valueOf).orElse(22));
    String user = address.user().or(() -> config.word("User")).orElseGet(Home::user);
    SshDestination destination = new SshDestination(user, host, port);
    return new Hop(
        destination,
        identities(options, config, destination),
        agent(options, config),
        knownHosts(options, config, destination));
  }

  private static List<Path> identities(
      SshOptions options, SshConfigFile config, SshDestination destination) {
    if (!options.identities.isEmpty()) {
      return options.identities;
    }
    List<Path> configured = paths(config.words("IdentityFile"), destination);
    return configured.isEmpty()
        ? Stream.of("id_ed25519", "id_ecdsa", "id_rsa").map(Home::ssh).toList()
        : configured;
  }

  private static Optional<Path> agent(SshOptions options, SshConfigFile config) {
    if (!options.agentAllowed || options.agentSocket.isPresent()) {
      return options.agentSocket;
    }
    boolean onlyFiles = config.word("IdentitiesOnly").filter("yes"::equalsIgnoreCase).isPresent();
    if (!options.identities.isEmpty() || onlyFiles) {
      return Optional.empty();
    }
    return config
        .word("IdentityAgent")
        .filter(socket -> !socket.equals("SSH_AUTH_SOCK"))
        .or(() -> Optional.ofNullable(System.getenv("SSH_AUTH_SOCK")))
        .filter(socket -> !socket.isEmpty() && !socket.equals("none"))
        .map(Hop::path);
  }

  private static List<Path> knownHosts(
      SshOptions options, SshConfigFile config, SshDestination destination) {
    if (!options.knownHosts.isEmpty()) {
      return options.knownHosts;
    }
    List<Path> files = new ArrayList<>(paths(config.words("UserKnownHostsFile"), destination));
    if (files.isEmpty()) {
      files.add(Home.ssh("known_hosts"));
    }
    files.add(Path.of("/etc/ssh/ssh_known_hosts"));
    return List.copyOf(files);
  }

  private static List<Path> paths(List<String> words, SshDestination destination) {
    return words.stream()
        .filter(word -> !word.equals("none"))
        .map(word -> word.replace("%h", destination.host()).replace("%r", destination.user()))
        .map(word -> word.replace("%d", Home.directory().toString()).replace("%u", Home.user()))
        .map(Hop::path)
        .toList();
  }

  private static Path path(String word) {
    return word.startsWith("~/") ? Home.directory().resolve(word.substring(2)) : Path.of(word);
  }
}
