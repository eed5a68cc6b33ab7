/** A publisher for an upstream system: seals, signs, publishes, and reads the verdicts. */
package hengwen.example;
