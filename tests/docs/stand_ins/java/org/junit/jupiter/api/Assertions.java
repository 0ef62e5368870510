package org.junit.jupiter.api;
public class Assertions { public static void assertEquals(Object a, Object b) { if (!a.equals(b)) throw new AssertionError(b); } }
