package io.replication4j.command.ssh;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * How to reach a host over SSH, and as whom. Immutable. What is not set here comes from {@code
 * ~/.ssh/config} where that has an entry for the host, and else is what ssh(1) would do: user name
 * of this process, port 22, keys from the agent and from {@code ~/.ssh/id_ed25519}, {@code
 * id_ecdsa} and {@code id_rsa}, host keys from {@code ~/.ssh/known_hosts} and {@code
 * /etc/ssh/ssh_known_hosts}.
 */
public final class SshOptions {

  final Address address;
  final Optional<Path> configFile;
  final List<Path> identities;
  final Optional<Function<Path, Optional<char[]>>> passphrases;
  final Optional<Path> agentSocket;
  final boolean agentAllowed;
  final List<Path> knownHosts;
  final HostKeyPolicy hostKeyPolicy;
  final Optional<String> jump;
  final Duration connectTimeout;
  final Duration authTimeout;
  final Duration keepAlive;
  final List<String> privilege;

  private SshOptions(Builder builder) {
    this.address = builder.address;
    this.configFile = builder.configFile;
    this.identities = List.copyOf(builder.identities);
    this.passphrases = builder.passphrases;
    this.agentSocket = builder.agentSocket;
    this.agentAllowed = builder.agentAllowed;
    this.knownHosts = List.copyOf(builder.knownHosts);
    this.hostKeyPolicy = builder.hostKeyPolicy;
    this.jump = builder.jump;
    this.connectTimeout = builder.connectTimeout;
    this.authTimeout = builder.authTimeout;
    this.keepAlive = builder.keepAlive;
    this.privilege = builder.privilege;
  }

  /**
   * Options for a host.
   *
   * @param address {@code host}, {@code user@host}, {@code host:port}, {@code user@host:port}; an
   *     IPv6 address in brackets; the host may be an alias in {@code ~/.ssh/config}
   * @throws IllegalArgumentException if it is none of these
   */
  public static Builder builder(String address) {
    return new Builder(Address.parse(address));
  }

  /** Settings for {@link SshOptions}. Not thread-safe. */
  public static final class Builder {

    private Address address;
    private Optional<Path> configFile = Optional.of(Home.ssh("config"));
    private final List<Path> identities = new ArrayList<>();
    private Optional<Function<Path, Optional<char[]>>> passphrases = Optional.empty();
    private Optional<Path> agentSocket = Optional.empty();
    private boolean agentAllowed = true;
    private final List<Path> knownHosts = new ArrayList<>();
    private HostKeyPolicy hostKeyPolicy = HostKeyPolicy.STRICT;
    private Optional<String> jump = Optional.empty();
    private Duration connectTimeout = Duration.ofSeconds(20);
    private Duration authTimeout = Duration.ofSeconds(30);
    private Duration keepAlive = Duration.ofSeconds(15);
    private List<String> privilege = List.of();

    private Builder(Address address) {
      this.address = address;
    }

    /** Logs in as {@code user}, whatever the address or the configuration says. */
    public Builder user(String user) {
      address = address.withUser(user);
      return this;
    }

    /** Connects to {@code port}, whatever the address or the configuration says. */
    public Builder port(int port) {
      address = address.withPort(port);
      return this;
    }

    /**
     * Offers the private key in {@code file} (OpenSSH or PEM; ed25519, ecdsa, rsa). May be called
     * several times, the first key is offered first. Once a key is named here, only such keys are
     * offered, and the agent's only if {@link #agent} was called.
     */
    public Builder identity(Path file) {
      identities.add(requireNonNull(file, "file"));
      return this;
    }

    /**
     * Asks {@code passphrases} for the passphrase of an encrypted identity file; empty: that key is
     * not used. It is called at most once per file and runner, on the thread that connects; the
     * array is wiped after use.
     */
    public Builder passphrases(Function<Path, Optional<char[]>> newPassphrases) {
      this.passphrases = Optional.of(newPassphrases);
      return this;
    }

    /**
     * Uses the ssh-agent that listens on the UNIX socket {@code socket}; the default is {@code
     * SSH_AUTH_SOCK}.
     */
    public Builder agent(Path socket) {
      this.agentSocket = Optional.of(socket);
      this.agentAllowed = true;
      return this;
    }

    /** Uses no ssh-agent. */
    public Builder withoutAgent() {
      this.agentSocket = Optional.empty();
      this.agentAllowed = false;
      return this;
    }

    /**
     * Trusts the host keys in {@code file} instead of those in the default files. May be called
     * several times.
     */
    public Builder knownHosts(Path file) {
      knownHosts.add(requireNonNull(file, "file"));
      return this;
    }

    /**
     * What to do with a host whose key is not known; {@link HostKeyPolicy#STRICT} unless said
     * otherwise.
     */
    public Builder hostKeyPolicy(HostKeyPolicy policy) {
      this.hostKeyPolicy = requireNonNull(policy, "policy");
      return this;
    }

    /** Reads host entries from {@code file} instead of {@code ~/.ssh/config}. */
    public Builder configFile(Path file) {
      this.configFile = Optional.of(file);
      return this;
    }

    /** Reads no configuration file. */
    public Builder withoutConfigFile() {
      this.configFile = Optional.empty();
      return this;
    }

    /**
     * Connects by way of {@code address} ({@code user@host:port}); several, comma-separated, are
     * passed in that order, as {@code ssh -J}. {@code none} overrides the configuration.
     */
    public Builder jump(String jumpAddress) {
      this.jump = Optional.of(jumpAddress);
      return this;
    }

    /** How long one address may take to accept a TCP connection; 20 s by default. */
    public Builder connectTimeout(Duration timeout) {
      this.connectTimeout = positive(timeout, "connect timeout");
      return this;
    }

    /** How long key exchange and authentication may take together; 30 s by default. */
    public Builder authTimeout(Duration timeout) {
      this.authTimeout = positive(timeout, "auth timeout");
      return this;
    }

    /**
     * Asks an idle peer this often whether it is there; three missing answers break the connection;
     * 15 s by default.
     */
    public Builder keepAlive(Duration interval) {
      this.keepAlive = positive(interval, "keep-alive interval");
      return this;
    }

    /**
     * Puts {@code words} before every program: {@code sudo -n}, {@code doas -n}, {@code pfexec}.
     */
    public Builder privilege(List<String> words) {
      this.privilege = List.copyOf(words);
      return this;
    }

    private static Duration positive(Duration duration, String what) {
      if (duration.isNegative() || duration.isZero()) {
        throw new IllegalArgumentException(what + " must be positive: " + duration);
      }
      return duration;
    }

    /** The options. */
    public SshOptions build() {
      return new SshOptions(this);
    }
  }
}
