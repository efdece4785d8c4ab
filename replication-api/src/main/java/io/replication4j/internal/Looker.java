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
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;

/**
 * Looks at all sides of some pairs: every backend is asked once for all of them, all backends at
 * once.
 */
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
    return look(pairs, request -> request);
  }

  /** As {@link #look}, shortly after it: nothing is flushed again. */
  static List<Answer> lookAgain(List<PairContext> pairs) throws InterruptedException {
    return look(pairs, ObserveRequest::again);
  }

  private static List<Answer> look(List<PairContext> pairs, UnaryOperator<ObserveRequest> kind)
      throws InterruptedException {
    Map<StorageBackend, List<ObserveRequest>> requests = new IdentityHashMap<>();
    for (PairContext pair : pairs) {
      for (Side side : Side.values()) {
        requests
            .computeIfAbsent(pair.backend(side), b -> new ArrayList<>())
            .add(kind.apply(pair.request(side)));
      }
    }
    Map<StorageBackend, List<Answer>> answers = requests.isEmpty() ? Map.of() : askAll(requests);
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
    try (Workers workers = new Workers(requests.size())) {
      Map<StorageBackend, Future<List<Answer>>> tasks = new LinkedHashMap<>();
      requests.forEach((backend, r) -> tasks.put(backend, workers.start(() -> ask(backend, r))));
      Map<StorageBackend, List<Answer>> answers = new IdentityHashMap<>();
      for (Map.Entry<StorageBackend, Future<List<Answer>>> task : tasks.entrySet()) {
        answers.put(task.getKey(), Workers.result(task.getValue()));
      }
      return answers;
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
}
