import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.rmi.server.RMISocketFactory;
import java.util.Arrays;

/**
 * Runs another program whose RMI listens on one address instead of on all of them.
 *
 * <p>The address is that of {@code java.rmi.server.hostname}: the one that RMI also tells others to
 * come back to. By itself that property only tells, and the sockets listen everywhere; no option of
 * Java or TLC changes that, only a socket factory does.
 *
 * <p>{@code BoundRmi.class} beside this file is made with {@code javac --release 11 -g:none}.
 */
public final class BoundRmi extends RMISocketFactory {
    private final InetAddress address;

    private BoundRmi(InetAddress address) {
        this.address = address;
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
        return new ServerSocket(port, 0, address);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return new Socket(host, port);
    }

    public static void main(String[] args) throws Exception {
        String address = System.getProperty("java.rmi.server.hostname", "127.0.0.1");
        RMISocketFactory.setSocketFactory(new BoundRmi(InetAddress.getByName(address)));
        String[] rest = Arrays.copyOfRange(args, 1, args.length);
        Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object) rest);
    }
}
