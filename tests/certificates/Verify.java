import java.io.FileInputStream;
import java.security.KeyStore;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Opens a PKCS#12 file and validates its chain with lists: Verify file PIN root list... */
public class Verify {
    public static void main(String[] words) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new FileInputStream(words[0]), words[1].toCharArray());
        String alias = store.aliases().nextElement();
        if (store.getKey(alias, words[1].toCharArray()) == null) throw new Exception("no key");
        List<Certificate> chain = new ArrayList<>(Arrays.asList(store.getCertificateChain(alias)));
        chain.remove(chain.size() - 1);
        X509Certificate root = (X509Certificate) factory.generateCertificate(new FileInputStream(words[2]));
        List<Object> lists = new ArrayList<>();
        for (int i = 3; i < words.length; i++) lists.add(factory.generateCRL(new FileInputStream(words[i])));
        PKIXParameters rules = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        rules.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
        CertPath path = factory.generateCertPath(chain);
        try {
            CertPathValidator.getInstance("PKIX").validate(path, rules);
            System.out.println("valid");
        } catch (CertPathValidatorException refused) {
            System.out.println(refused.getReason());
            System.exit(1);
        }
    }
}
