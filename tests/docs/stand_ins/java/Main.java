public class Main { public static void main(String[] none) throws Exception {
    new HandoffTest().anExpiredTokenIsRefused(); System.out.println("passed"); } }
