/** Plans that are looked at, stored, changed and executed. */
@NullMarked
package io.replication4j.examples.plans;

import org.jspecify.annotations.NullMarked;
