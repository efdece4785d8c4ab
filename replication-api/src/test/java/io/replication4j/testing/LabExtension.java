package io.replication4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the {@link Lab}, as a parameter of a constructor or a method. The hosts are started
 * once for all test classes of a build, and have empty disks at the start of each; how long each
 * took is said. Only where the system property {@code r4j.lab} is {@code true}, which {@code mvn
 * -Plab} sets: there a lab that cannot start is a failure; elsewhere the tests are skipped, and
 * that is said.
 */
public final class LabExtension
    implements ExecutionCondition, BeforeAllCallback, AfterAllCallback, ParameterResolver {

  private static final String WANTED = "r4j.lab";
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(LabExtension.class);
  private static final String START = "start";
  private static final AtomicBoolean SAID = new AtomicBoolean();

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (Boolean.getBoolean(WANTED)) {
      return ConditionEvaluationResult.enabled("-D" + WANTED);
    }
    if (!SAID.getAndSet(true)) {
      System.err.println(
          "Skipped: what needs two hosts; mvn verify -Plab runs it (see examples/lab/README.md)");
    }
    return ConditionEvaluationResult.disabled("needs two real hosts: mvn verify -Plab");
  }

  @Override
  public void beforeAll(ExtensionContext context) throws InterruptedException {
    if (isOutermost(context)) {
      context.getStore(NAMESPACE).put(START, System.nanoTime());
      lab(context).reset();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (isOutermost(context)) {
      long elapsed = System.nanoTime() - context.getStore(NAMESPACE).get(START, long.class);
      System.err.println(
          context.getDisplayName() + ": " + TimeUnit.NANOSECONDS.toSeconds(elapsed) + " s");
    }
  }

  private static boolean isOutermost(ExtensionContext context) {
    return context.getParent().equals(Optional.of(context.getRoot()));
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Lab.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return lab(context);
  }

  private static Lab lab(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(Lab.class, key -> start(), Lab.class);
  }

  private static Lab start() {
    try {
      return Lab.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the lab started", e);
    }
  }
}
