package org.efficienttrain.training.recipe;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * All that is to be said of a recipe's key besides its name and type, which are the component's.
 */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
@interface Key {
  /** What the key means, in a few words. */
  String value();

  /** The smallest number allowed. */
  double min() default 0;

  /** The largest number allowed. */
  double max() default 1e6;

  /** The value where a recipe has none; empty where {@link RecipeDefaults} has a rule for it. */
  String byDefault() default "";
}
