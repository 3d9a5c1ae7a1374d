package org.efficienttrain.app;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.task.Task;

/** A task that somebody else wrote, by the name of its class. */
final class TaskClass {
  private TaskClass() {}

  /**
   * What makes the task.
   *
   * @param name of a class on the class path with a public constructor from a {@link Task.Setting}
   * @throws UserError if there is no such class, or it is no task
   */
  static Task.Factory factory(String name) {
    Constructor<? extends Task> constructor = constructor(name);
    return setting -> create(constructor, setting);
  }

  private static Constructor<? extends Task> constructor(String name) {
    try {
      Class<?> found = Class.forName(name);
      if (!Task.class.isAssignableFrom(found)) {
        throw new UserError(
            "--task %s is no task: let it extend Classification or implement %s"
                .formatted(name, Task.class.getName()));
      }
      return found.asSubclass(Task.class).getConstructor(Task.Setting.class);
    } catch (ClassNotFoundException e) {
      throw new UserError(
          "--task %s: there is no such class: name its folder or jar in ET_CLASSPATH"
              .formatted(name),
          e);
    } catch (NoSuchMethodException e) {
      throw new UserError(
          "--task %s needs a public constructor that takes a Task.Setting".formatted(name), e);
    }
  }

  private static Task create(Constructor<? extends Task> constructor, Task.Setting setting) {
    try {
      return constructor.newInstance(setting);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failed(constructor, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw failed(constructor, e);
    }
  }

  private static UserError failed(Constructor<?> constructor, Throwable cause) {
    String name = constructor.getDeclaringClass().getName();
    return new UserError("--task %s cannot be made: %s".formatted(name, cause), cause);
  }
}
