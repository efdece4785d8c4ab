package io.replication4j.internal;

import io.replication4j.ReplicationException;
import io.replication4j.Side;
import io.replication4j.spi.Observation;
import io.replication4j.spi.ObserveRequest;
import io.replication4j.spi.StorageBackend;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Looks at all sides of some pairs: every backend is asked once for all of them, all backends at once. */
final class Looker {

  private Looker() {}

  /** What one side gave: an observation, or why there is none. */
  record Answer(Optional<Observation> observation, Optional<RuntimeException> failure) {

    Observation orThrow() {
      if (failure.isPresent()) {
        throw failure.get();
      }
      return observation.orElseThrow();
    }
  }

  /** Two answers per pair, source before target, in order of the pairs. */
  static List<Answer> look(List<PairContext> pairs) throws InterruptedException {
    Map<StorageBackend, List<ObserveRequest>> requests = new IdentityHashMap<>();
    for (PairContext pair : pairs) {
      for (Side side : Side.values()) {
        requests
            .computeIfAbsent(pair.backend(side), b -> new ArrayList<>())
            .add(pair.request(side));
      }
    }
    Map<StorageBackend, List<Answer>> answers = askAll(requests);
    Map<StorageBackend, Integer> used = new IdentityHashMap<>();
    List<Answer> inOrder = new ArrayList<>();
    for (PairContext pair : pairs) {
      for (Side side : Side.values()) {
        StorageBackend backend = pair.backend(side);
        int index = used.merge(backend, 1, Integer::sum) - 1;
        inOrder.add(answers.getOrDefault(backend, List.of()).get(index));
      }
    }
    return inOrder;
  }

  private static Map<StorageBackend, List<Answer>> askAll(
      Map<StorageBackend, List<ObserveRequest>> requests) throws InterruptedException {
    ExecutorService executor = Executors.newFixedThreadPool(requests.size());
    try {
      Map<StorageBackend, Future<List<Answer>>> futures = new LinkedHashMap<>();
      requests.forEach((b, r) -> futures.put(b, executor.submit(() -> ask(b, r))));
      Map<StorageBackend, List<Answer>> answers = new IdentityHashMap<>();
      for (Map.Entry<StorageBackend, Future<List<Answer>>> entry : futures.entrySet()) {
        answers.put(entry.getKey(), get(entry.getValue()));
      }
      return answers;
    } finally {
      executor.shutdownNow();
    }
  }

  private static List<Answer> ask(StorageBackend backend, List<ObserveRequest> requests)
      throws InterruptedException {
    try {
      return backend.observe(requests).stream()
          .map(observation -> new Answer(Optional.of(observation), Optional.empty()))
          .toList();
    } catch (ReplicationException e) {
      Answer failed = new Answer(Optional.empty(), Optional.of(e));
      return requests.stream().map(request -> failed).toList();
    }
  }

  private static List<Answer> get(Future<List<Answer>> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException runtime) {
        throw runtime;
      }
      if (e.getCause() instanceof InterruptedException interrupted) {
        throw interrupted;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
