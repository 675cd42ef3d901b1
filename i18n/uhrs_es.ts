<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es">
<context>
    <name>UHRS</name>
    <message>
        <source>Accuracy</source>
        <translation>Exactitud</translation>
    </message>
    <message>
        <source>accuracy assessment,confusion matrix,error matrix,validation,kappa,f1,iou,user's accuracy,producer's accuracy,area estimation,olofsson,ground truth,reference,quality,report</source>
        <translation>evaluación de la exactitud,matriz de confusión,matriz de error,validación,kappa,F1,IoU,exactitud del usuario,exactitud del productor,estimación de áreas,Olofsson,verdad terreno,referencia,calidad,informe</translation>
    </message>
    <message>
        <source>Compares a class map with a reference and tells how right it is: confusion matrix; overall, user's and producer's accuracy, F1 and IoU with 95 % intervals; and the area of each class corrected for the map's errors. The reference is a layer of points or polygons, or another class raster. Points of 'Sample points' carry their strata, which the estimates use; judge them in the review panel first.</source>
        <translation>Compara un mapa de clases con una referencia y dice cuán correcto es: matriz de confusión; exactitud global, del usuario y del productor, F1 e IoU con intervalos del 95 %; y el área de cada clase corregida por los errores del mapa. La referencia es una capa de puntos o polígonos, u otro ráster de clases. Los puntos de «Puntos de muestreo» llevan sus estratos, que usan las estimaciones; júzguelos antes en el panel de revisión.</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Clases</translation>
    </message>
    <message>
        <source>The class raster to judge: one band of numbers from 0 to 255.</source>
        <translation>El ráster de clases que se juzga: una banda de números de 0 a 255.</translation>
    </message>
    <message>
        <source>Reference points or polygons</source>
        <translation>Puntos o polígonos de referencia</translation>
    </message>
    <message>
        <source>Places whose class is known, in any coordinate system: points of 'Sample points' that were judged, or any points or polygons with a field for the class. Either this or a reference raster.</source>
        <translation>Lugares cuya clase se conoce, en cualquier sistema de coordenadas: puntos de «Puntos de muestreo» que se han juzgado, o cualquier punto o polígono con un campo para la clase. O bien esto, o bien un ráster de referencia.</translation>
    </message>
    <message>
        <source>Field of the class</source>
        <translation>Campo de la clase</translation>
    </message>
    <message>
        <source>The field that names the class of a place, by name or by number; left empty, the judgements of the review panel count: 'right' is the class that was shown, 'wrong' the class that was chosen.</source>
        <translation>El campo que indica la clase de un lugar, por nombre o por número; si se deja vacío, cuentan los juicios del panel de revisión: «right» es la clase que se mostraba, «wrong» la clase que se eligió.</translation>
    </message>
    <message>
        <source>Reference raster, instead</source>
        <translation>Ráster de referencia, en su lugar</translation>
    </message>
    <message>
        <source>A class raster that counts as true, on any grid and in any coordinate system; it is read at the centre of each pixel of the classes.</source>
        <translation>Un ráster de clases que se considera verdadero, en cualquier cuadrícula y en cualquier sistema de coordenadas; se lee en el centro de cada píxel de las clases.</translation>
    </message>
    <message>
        <source>Other names in the reference</source>
        <translation>Otros nombres en la referencia</translation>
    </message>
    <message>
        <source>Which class of the map a class of the reference is, where the names differ: 'roof=building; pool=*; shadow='. A star keeps a class of its own that the map never has, nothing leaves the class out.</source>
        <translation>Qué clase del mapa es una clase de la referencia, cuando los nombres difieren: «roof=building; pool=*; shadow=». Un asterisco conserva una clase propia que el mapa nunca tiene; nada excluye la clase.</translation>
    </message>
    <message>
        <source>Block of the bootstrap, in pixels (default: by the size of the raster)</source>
        <translation>Bloque del bootstrap, en píxeles (por defecto: según el tamaño del ráster)</translation>
    </message>
    <message>
        <source>With a reference raster, intervals come from drawing square blocks of this side with replacement, for neighbouring pixels resemble each other; choose it larger than the largest things in the map.</source>
        <translation>Con un ráster de referencia, los intervalos salen de extraer bloques cuadrados de este lado con reemplazo, porque los píxeles vecinos se parecen; elíjalo mayor que las cosas más grandes del mapa.</translation>
    </message>
    <message>
        <source>The table to write, one row a figure: figure, class (number), name, value, error (standard error), low and high (ends of the 95 % interval), unit.</source>
        <translation>La tabla que se escribe, una fila por cifra: figure, class (número), name, value, error (error estándar), low y high (extremos del intervalo del 95 %), unit.</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Informe</translation>
    </message>
    <message>
        <source>The report to write, with matrix and bars, one file that needs nothing else (HTML).</source>
        <translation>El informe que se escribe, con matriz y barras, un archivo que no necesita nada más (HTML).</translation>
    </message>
    <message>
        <source>Confusion matrix</source>
        <translation>Matriz de confusión</translation>
    </message>
    <message>
        <source>The confusion matrix to write: a row for each class of the map, a column for each of the reference (CSV).</source>
        <translation>La matriz de confusión que se escribe: una fila para cada clase del mapa, una columna para cada una de la referencia (CSV).</translation>
    </message>
    <message>
        <source>Everything, for programs</source>
        <translation>Todo, para programas</translation>
    </message>
    <message>
        <source>All figures, the matrix, the facts and the warnings in one file (JSON).</source>
        <translation>Todas las cifras, la matriz, los datos y las advertencias en un archivo (JSON).</translation>
    </message>
    <message>
        <source>Overall accuracy</source>
        <translation>Exactitud global</translation>
    </message>
    <message>
        <source>The share of the area that is right, 0 to 1.</source>
        <translation>La proporción del área que es correcta, de 0 a 1.</translation>
    </message>
    <message>
        <source>Kappa</source>
        <translation>Kappa</translation>
    </message>
    <message>
        <source>Cohen's kappa, for those who ask for it.</source>
        <translation>El kappa de Cohen, para quienes lo pidan.</translation>
    </message>
    <message>
        <source>HTML files (*.html)</source>
        <translation>Archivos HTML (*.html)</translation>
    </message>
    <message>
        <source>CSV files (*.csv)</source>
        <translation>Archivos CSV (*.csv)</translation>
    </message>
    <message>
        <source>JSON files (*.json)</source>
        <translation>Archivos JSON (*.json)</translation>
    </message>
    <message>
        <source>Accuracy of {}</source>
        <translation>Exactitud de {}</translation>
    </message>
    <message>
        <source>Compare results</source>
        <translation>Comparar resultados</translation>
    </message>
    <message>
        <source>change detection,difference,comparison,transition,cross tabulation,from-to,two dates,two models,land cover</source>
        <translation>detección de cambios,diferencia,comparación,transición,tabla cruzada,de-a,dos fechas,dos modelos,cobertura del suelo</translation>
    </message>
    <message>
        <source>Compares two class maps of one place, such as two dates, two models or two settings, on the same or on different grids: which classes became which, how much, and where. With the uncertainties of both runs, changes that one of the maps was unsure of are set apart: most of these are no changes.</source>
        <translation>Compara dos mapas de clases de un mismo lugar, por ejemplo de dos fechas, dos modelos o dos configuraciones, en la misma cuadrícula o en cuadrículas distintas: qué clases pasaron a cuáles, cuánto y dónde. Con las incertidumbres de ambas ejecuciones, los cambios de los que uno de los mapas no estaba seguro se cuentan aparte: la mayoría no lo son.</translation>
    </message>
    <message>
        <source>Classes before</source>
        <translation>Clases antes</translation>
    </message>
    <message>
        <source>The first class raster; its grid counts.</source>
        <translation>El primer ráster de clases; su cuadrícula es la que cuenta.</translation>
    </message>
    <message>
        <source>Classes after</source>
        <translation>Clases después</translation>
    </message>
    <message>
        <source>The second class raster, on any grid and in any coordinate system; it is read at the centre of each pixel of the first.</source>
        <translation>El segundo ráster de clases, en cualquier cuadrícula y en cualquier sistema de coordenadas; se lee en el centro de cada píxel del primero.</translation>
    </message>
    <message>
        <source>Uncertainty before</source>
        <translation>Incertidumbre antes</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the first classes.</source>
        <translation>El ráster de incertidumbre que se escribió junto con las primeras clases.</translation>
    </message>
    <message>
        <source>Uncertainty after</source>
        <translation>Incertidumbre después</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the second classes.</source>
        <translation>El ráster de incertidumbre que se escribió junto con las segundas clases.</translation>
    </message>
    <message>
        <source>Unsure from this uncertainty</source>
        <translation>Inseguro a partir de esta incertidumbre</translation>
    </message>
    <message>
        <source>A change counts as unsure when the final uncertainty, 0 (sure) to 1, of one of the maps reaches this number.</source>
        <translation>Un cambio cuenta como inseguro cuando la incertidumbre final, de 0 (seguro) a 1, de uno de los mapas alcanza este número.</translation>
    </message>
    <message>
        <source>Other names in the second map</source>
        <translation>Otros nombres en el segundo mapa</translation>
    </message>
    <message>
        <source>Which class of the first map a class of the second is, where the names differ: 'roof=building; shadow='. Nothing leaves the class out; classes that are not named and have no match are classes of their own.</source>
        <translation>Qué clase del primer mapa es una clase del segundo, cuando los nombres difieren: «roof=building; shadow=». Nada excluye la clase; las clases que no se nombran y no tienen correspondencia son clases propias.</translation>
    </message>
    <message>
        <source>The raster tells</source>
        <translation>El ráster dice</translation>
    </message>
    <message>
        <source>Either from which class to which (at most 253 pairs), or only where both differ.</source>
        <translation>O bien transitions, de qué clase a cuál (253 pares como mucho), o bien differs, solo dónde difieren ambos.</translation>
    </message>
    <message>
        <source>Smallest change polygon, in square metres (default: 100 pixels)</source>
        <translation>Polígono de cambio más pequeño, en metros cuadrados (por defecto: 100 píxeles)</translation>
    </message>
    <message>
        <source>Smaller polygons become part of their neighbour; in pixels where the raster has no ground.</source>
        <translation>Los polígonos menores pasan a su vecino; en píxeles si el ráster no tiene posición sobre el terreno.</translation>
    </message>
    <message>
        <source>Changes by class</source>
        <translation>Cambios por clase</translation>
    </message>
    <message>
        <source>The table to write, one row for each pair of classes that occurs: before and after (numbers and names), pixels, area, unit, share of the whole, unsure_share (of the pair's area), and code (number in the raster).</source>
        <translation>La tabla que se escribe, una fila para cada par de clases que aparece: antes y después (números y nombres), pixels, area, unit, share del total, unsure_share (del área del par) y code (número en el ráster).</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>Cambios</translation>
    </message>
    <message>
        <source>The raster to write: 0 where both have the same class, else the number of the pair, and 254 where they differ but one of the maps is unsure.</source>
        <translation>El ráster que se escribe: 0 donde ambos tienen la misma clase, si no el número del par, y 254 donde difieren pero uno de los mapas no está seguro.</translation>
    </message>
    <message>
        <source>Change polygons</source>
        <translation>Polígonos de cambio</translation>
    </message>
    <message>
        <source>What changed, as polygons with their pair of classes and area (GeoPackage or FlatGeobuf); unsure changes are left out.</source>
        <translation>Lo que cambió, como polígonos con su par de clases y su área (GeoPackage o FlatGeobuf); los cambios inseguros se omiten.</translation>
    </message>
    <message>
        <source>All pairs, the classes, the facts and the warnings in one file (JSON).</source>
        <translation>Todos los pares, las clases, los datos y las advertencias en un archivo (JSON).</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Cambiado</translation>
    </message>
    <message>
        <source>The share of the area that differs, 0 to 1.</source>
        <translation>La proporción del área que difiere, de 0 a 1.</translation>
    </message>
    <message>
        <source>Sample points</source>
        <translation>Puntos de muestreo</translation>
    </message>
    <message>
        <source>sampling,random points,stratified,validation,ground truth,accuracy assessment,reference,probability sample,allocation,quality</source>
        <translation>muestreo,puntos aleatorios,estratificado,validación,verdad terreno,evaluación de la exactitud,referencia,muestra probabilística,asignación,calidad</translation>
    </message>
    <message>
        <source>Draws random points from a class map: judge them one by one in the review panel, and 'Accuracy' tells how right the map is and how large the classes are in truth. Points carry their stratum and its size, so that 'Accuracy' knows how they were drawn. They lie in the centres of pixels with a class, each pixel at most once.</source>
        <translation>Extrae puntos aleatorios de un mapa de clases: júzguelos uno a uno en el panel de revisión, y «Exactitud» dice cuán correcto es el mapa y cuánto ocupan en realidad las clases. Los puntos llevan su estrato y el tamaño de este, de modo que «Exactitud» sabe cómo se extrajeron. Están en el centro de píxeles con clase, cada píxel como mucho una vez.</translation>
    </message>
    <message>
        <source>The class raster to judge, as 'Segment raster' writes it.</source>
        <translation>El ráster de clases que se juzga, como lo escribe «Segmentar ráster».</translation>
    </message>
    <message>
        <source>Uncertainty</source>
        <translation>Incertidumbre</translation>
    </message>
    <message>
        <source>The uncertainty raster of the same run: for strata of uncertainty, for optimal shares, and to show at each point.</source>
        <translation>El ráster de incertidumbre de la misma ejecución: para estratos de incertidumbre, para proporciones óptimas y para mostrarla en cada punto.</translation>
    </message>
    <message>
        <source>Band of the uncertainty (default: 1, U)</source>
        <translation>Banda de la incertidumbre (por defecto: 1, U)</translation>
    </message>
    <message>
        <source>Which uncertainty counts: 1, that of the coarse view (U), or 2, the final one.</source>
        <translation>Qué incertidumbre cuenta: 1, la de la vista gruesa (U), o 2, la final.</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>Puntos</translation>
    </message>
    <message>
        <source>How many points to draw: with 200 the overall accuracy is known to about 5 per cent, with 800 to 2.5.</source>
        <translation>Cuántos puntos se extraen: con 200 se conoce la exactitud global con un 5 por ciento aproximadamente, con 800 con un 2,5.</translation>
    </message>
    <message>
        <source>Drawn from</source>
        <translation>Extraídos de</translation>
    </message>
    <message>
        <source>What points are drawn from one by one: each class of the map; levels of uncertainty (the surest half of the area, and ever smaller parts of the rest); or none, the whole map.</source>
        <translation>De qué se extraen los puntos uno a uno: class, de cada clase del mapa; uncertainty, de niveles de incertidumbre (la mitad más segura del área y partes cada vez menores del resto); o none, de todo el mapa.</translation>
    </message>
    <message>
        <source>Shares</source>
        <translation>Proporciones</translation>
    </message>
    <message>
        <source>How the points are shared: proportional to the area, best for the overall accuracy; equal, best for the accuracy of each class; optimal, by area and expected errors.</source>
        <translation>Cómo se reparten los puntos: proportional, según el área, lo mejor para la exactitud global; equal, los mismos en cada una, lo mejor para la exactitud de cada clase; optimal, según el área y los errores esperados.</translation>
    </message>
    <message>
        <source>Least number in each</source>
        <translation>Mínimo en cada una</translation>
    </message>
    <message>
        <source>Every class or level gets at least so many points, as far as it has pixels: rare classes would get none else.</source>
        <translation>Cada clase o nivel recibe al menos este número de puntos, en la medida en que tenga píxeles: si no, las clases raras no tendrían ninguno.</translation>
    </message>
    <message>
        <source>Expected accuracies, for optimal shares</source>
        <translation>Exactitudes esperadas, para proporciones óptimas</translation>
    </message>
    <message>
        <source>How right each class is thought to be, from 0 to 1, such as 'road=0.7; building=0.9'; what is left out is taken from the mean uncertainty.</source>
        <translation>Cuán correcta se cree cada clase, de 0 a 1, por ejemplo «road=0.7; building=0.9»; lo que falte se toma de la incertidumbre media.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Semilla</translation>
    </message>
    <message>
        <source>The same number draws the same points from the same raster; another one draws others.</source>
        <translation>El mismo número extrae los mismos puntos del mismo ráster; otro extrae otros.</translation>
    </message>
    <message>
        <source>Do not tell the map's class</source>
        <translation>No revelar la clase del mapa</translation>
    </message>
    <message>
        <source>Points hide the class of the map, so that it does not sway who judges them: then each is judged by the key of its class, and hide the layer of the classes too.</source>
        <translation>Los puntos ocultan la clase del mapa, para que no influya en quien los juzga: entonces cada uno se juzga con la tecla de su clase; oculte también la capa de las clases.</translation>
    </message>
    <message>
        <source>The layer to write, one feature a point, in random order, with rank, mean_u (uncertainty, 0 to 1), class, stratum with its name, pixels and area, and status ('open'); choose a GeoPackage to keep the judgements.</source>
        <translation>La capa que se escribe, un objeto por punto, en orden aleatorio, con rank, mean_u (incertidumbre, de 0 a 1), class, el estrato con su nombre, píxeles y área, y status («open»); elija un GeoPackage para conservar los juicios.</translation>
    </message>
    <message>
        <source>How many points were drawn.</source>
        <translation>Cuántos puntos se extrajeron.</translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation>Segmentación</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>Revisión</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Ayuda</translation>
    </message>
    <message>
        <source>Cancelled: nothing was written.</source>
        <translation>Cancelado: no se ha escrito nada.</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parámetros</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>Salidas</translation>
    </message>
    <message>
        <source>'{}' is no GeoTIFF by its name: end the name of {} with .tif or .tiff.</source>
        <translation>«{}» no es un GeoTIFF por su nombre: termine el nombre de {} en .tif o .tiff.</translation>
    </message>
    <message>
        <source>The algorithm was not prepared: run it through Processing.</source>
        <translation>El algoritmo no se ha preparado: ejecútelo desde Procesos.</translation>
    </message>
    <message>
        <source>Raster from a basemap</source>
        <translation>Ráster a partir de un mapa base</translation>
    </message>
    <message>
        <source>basemap,xyz,tiles,wms,wmts,web map,imagery,download,satellite,aerial</source>
        <translation>mapa base,basemap,xyz,teselas,wms,wmts,mapa web,imágenes,descargar,satélite,aérea</translation>
    </message>
    <message>
        <source>Reads a part of a basemap (XYZ tiles, WMS, WMTS) at a chosen pixel size into a GeoTIFF, which can then be segmented. Whether the imagery may be stored and analysed is decided by the terms of its service: look them up first. The attribution of the layer is written into the file.</source>
        <translation>Lee una parte de un mapa base (teselas XYZ, WMS, WMTS) con un tamaño de píxel elegido en un GeoTIFF, que después se puede segmentar. Las condiciones del servicio deciden si las imágenes se pueden guardar y analizar: consúltelas primero. La atribución de la capa se escribe en el archivo.</translation>
    </message>
    <message>
        <source>Basemap</source>
        <translation>Mapa base</translation>
    </message>
    <message>
        <source>A layer that a service draws: XYZ tiles, WMS or WMTS.</source>
        <translation>Una capa que dibuja un servicio: teselas XYZ, WMS o WMTS.</translation>
    </message>
    <message>
        <source>Extent</source>
        <translation>Extensión</translation>
    </message>
    <message>
        <source>The part to read; an extent in another coordinate system is transformed.</source>
        <translation>La parte que se lee; una extensión en otro sistema de coordenadas se transforma.</translation>
    </message>
    <message>
        <source>Pixel size in metres</source>
        <translation>Tamaño de píxel en metros</translation>
    </message>
    <message>
        <source>The side of a pixel on the ground. Where the service has zoom levels, the pixels of the nearest one are taken as they are.</source>
        <translation>El lado de un píxel en el terreno. Si el servicio tiene niveles de zoom, se toman los píxeles del más cercano tal como son.</translation>
    </message>
    <message>
        <source>Most tiles</source>
        <translation>Máximo de teselas</translation>
    </message>
    <message>
        <source>The run does not begin where it would ask the service for more tiles than this.</source>
        <translation>La ejecución no empieza si pidiera al servicio más teselas.</translation>
    </message>
    <message>
        <source>Raster</source>
        <translation>Ráster</translation>
    </message>
    <message>
        <source>The raster to write: red, green, blue, and alpha, which is 0 where no tile came (GeoTIFF).</source>
        <translation>El ráster que se escribe: rojo, verde, azul y alfa, que es 0 donde no llegó ninguna tesela (GeoTIFF).</translation>
    </message>
    <message>
        <source>Tiles</source>
        <translation>Teselas</translation>
    </message>
    <message>
        <source>Tiles that were read.</source>
        <translation>Teselas que se leyeron.</translation>
    </message>
    <message>
        <source>Missing tiles</source>
        <translation>Teselas que faltan</translation>
    </message>
    <message>
        <source>Tiles that did not come, or are empty: they are no data.</source>
        <translation>Teselas que no llegaron o están vacías: quedan sin datos.</translation>
    </message>
    <message>
        <source>Pixel size</source>
        <translation>Tamaño de píxel</translation>
    </message>
    <message>
        <source>The side of a pixel on the ground in metres, as it was read.</source>
        <translation>El lado de un píxel en el terreno en metros, tal como se leyó.</translation>
    </message>
    <message>
        <source>{} of {} tiles did not come or are empty, and are no data. {}</source>
        <translation>{} de {} teselas no llegaron o están vacías, y quedan sin datos. {}</translation>
    </message>
    <message>
        <source>The layer names no attribution: look up the terms of its service before you use the imagery.</source>
        <translation>La capa no indica ninguna atribución: consulte las condiciones de su servicio antes de usar las imágenes.</translation>
    </message>
    <message>
        <source>{} x {} pixels of {} m: {} tiles are asked for.</source>
        <translation>{} x {} píxeles de {} m: se piden {} teselas.</translation>
    </message>
    <message>
        <source>The service has no zoom level near {} m: pixels of {} m are read.</source>
        <translation>El servicio no tiene un nivel de zoom cercano a {} m: se leen píxeles de {} m.</translation>
    </message>
    <message>
        <source>Attribution: {}</source>
        <translation>Atribución: {}</translation>
    </message>
    <message>
        <source>Class areas</source>
        <translation>Áreas de las clases</translation>
    </message>
    <message>
        <source>land cover,area,share,statistics,zonal,histogram,unique values,hectares,uncertainty,report,classification</source>
        <translation>cobertura del suelo,área,porcentaje,estadísticas,zonal,histograma,valores únicos,hectáreas,incertidumbre,informe,clasificación</translation>
    </message>
    <message>
        <source>Measures the area and the share of each class of a class raster, over the whole and inside each polygon of an optional layer, with the part that is uncertain. Areas are those on the ground, on the ellipsoid of the raster's coordinate reference system (in the plane of the map where the project measures planimetrically), in the project's unit. The result is a table, and a report with bars for reading and printing.</source>
        <translation>Mide el área y la proporción de cada clase de un ráster de clases, en conjunto y dentro de cada polígono de una capa opcional, con la parte que es incierta. Las áreas son las del terreno, sobre el elipsoide del sistema de referencia de coordenadas del ráster (en el plano del mapa si el proyecto mide de forma planimétrica), en la unidad del proyecto. El resultado es una tabla y un informe con barras para leer e imprimir.</translation>
    </message>
    <message>
        <source>A class raster as 'Segment raster' writes it: one band of numbers from 0 to 255.</source>
        <translation>Un ráster de clases como lo escribe «Segmentar ráster»: una banda de números de 0 a 255.</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the classes; left empty, nothing is said about uncertainty.</source>
        <translation>El ráster de incertidumbre que se escribió junto con las clases; si se deja vacío, no se dice nada de la incertidumbre.</translation>
    </message>
    <message>
        <source>Band of the uncertainty (default: 2, the final one)</source>
        <translation>Banda de la incertidumbre (por defecto: 2, la final)</translation>
    </message>
    <message>
        <source>Which uncertainty counts: 2, the final one, after refining; or 1, that of the coarse view (U).</source>
        <translation>Qué incertidumbre cuenta: 2, la final, después de refinar; o 1, la de la vista gruesa (U).</translation>
    </message>
    <message>
        <source>A pixel counts as unsure when its uncertainty, 0 (sure) to 1, reaches this number.</source>
        <translation>Un píxel cuenta como inseguro cuando su incertidumbre, de 0 (seguro) a 1, alcanza este número.</translation>
    </message>
    <message>
        <source>Zones</source>
        <translation>Zonas</translation>
    </message>
    <message>
        <source>Polygons to measure apart, in any coordinate system; a pixel belongs to the polygons that hold its centre.</source>
        <translation>Polígonos que se miden por separado, en cualquier sistema de coordenadas; un píxel pertenece a los polígonos que contienen su centro.</translation>
    </message>
    <message>
        <source>Field that names the zones</source>
        <translation>Campo que da nombre a las zonas</translation>
    </message>
    <message>
        <source>The field whose value names a zone in table and report; left empty, the feature's id.</source>
        <translation>El campo cuyo valor nombra una zona en la tabla y en el informe; si se deja vacío, el ID del objeto espacial.</translation>
    </message>
    <message>
        <source>The table to write, one row a class for the whole raster and for each zone: zone, class (number), name, pixels, area, unit, share and unsure_share (both 0 to 1).</source>
        <translation>La tabla que se escribe, una fila por clase para todo el ráster y para cada zona: zone, class (número), name, pixels, area, unit, share y unsure_share (ambos de 0 a 1).</translation>
    </message>
    <message>
        <source>The report to write, one file that needs nothing else (HTML).</source>
        <translation>El informe que se escribe, un archivo que no necesita nada más (HTML).</translation>
    </message>
    <message>
        <source>Clean classes</source>
        <translation>Limpiar clases</translation>
    </message>
    <message>
        <source>sieve,majority,mode,filter,specks,noise,salt and pepper,smooth,regularize,land cover,classification</source>
        <translation>filtrado,mayoría,moda,filtro,motas,ruido,sal y pimienta,suavizar,regularizar,cobertura del suelo,clasificación</translation>
    </message>
    <message>
        <source>Removes specks from a class raster: patches that are too small become part of the neighbour with the longest border. Before, each pixel can get the most frequent class around it, which smooths ragged borders. Palette, class names and grid stay, and so do pixels without data.</source>
        <translation>Elimina motas de un ráster de clases: las manchas demasiado pequeñas pasan al vecino con el borde común más largo. Antes, cada píxel puede recibir la clase más frecuente a su alrededor, lo que suaviza los bordes irregulares. La paleta, los nombres de las clases y la cuadrícula se mantienen, igual que los píxeles sin datos.</translation>
    </message>
    <message>
        <source>Smallest patch, in square metres (default: 100 pixels)</source>
        <translation>Mancha más pequeña, en metros cuadrados (por defecto: 100 píxeles)</translation>
    </message>
    <message>
        <source>Smaller ones become part of the neighbour with the longest border; 0 keeps all. Pixels where the raster has no coordinate reference system.</source>
        <translation>Las menores pasan al vecino con el borde común más largo; 0 las conserva todas. En píxeles si el ráster no tiene sistema de referencia de coordenadas.</translation>
    </message>
    <message>
        <source>Square of the majority, in pixels (0: none)</source>
        <translation>Cuadrado de la mayoría, en píxeles (0: ninguno)</translation>
    </message>
    <message>
        <source>Side of the square around each pixel whose most frequent class it gets: an odd number from 3.</source>
        <translation>Lado del cuadrado alrededor de cada píxel, cuya clase más frecuente recibe: un número impar desde 3.</translation>
    </message>
    <message>
        <source>Cleaned classes</source>
        <translation>Clases limpias</translation>
    </message>
    <message>
        <source>The class raster to write (GeoTIFF); the one that is read is left as it is.</source>
        <translation>El ráster de clases que se escribe (GeoTIFF); el que se lee queda como está.</translation>
    </message>
    <message>
        <source>Changed pixels</source>
        <translation>Píxeles cambiados</translation>
    </message>
    <message>
        <source>How many pixels have another class now.</source>
        <translation>Cuántos píxeles tienen ahora otra clase.</translation>
    </message>
    <message>
        <source>Patches</source>
        <translation>Manchas</translation>
    </message>
    <message>
        <source>How many patches of one class are left.</source>
        <translation>Cuántas manchas de una sola clase quedan.</translation>
    </message>
    <message>
        <source>Class polygons</source>
        <translation>Polígonos de las clases</translation>
    </message>
    <message>
        <source>polygonize,vectorize,vector,outline,buildings,roofs,footprints,roads,land cover,classification,generalize,simplify,smooth,sieve,geopackage,flatgeobuf</source>
        <translation>poligonizar,vectorizar,vectorial,contorno,edificios,tejados,plantas,carreteras,cobertura del suelo,clasificación,generalizar,simplificar,suavizar,filtrado,GeoPackage,FlatGeobuf</translation>
    </message>
    <message>
        <source>Outlines the classes of a class raster as polygons with name, area on the ground and uncertainty. Neighbours share their borders, so that there are neither gaps nor slivers; specks become part of the neighbour with the longest border, and nothing of the raster gets lost. Rasters may have any size.</source>
        <translation>Delimita las clases de un ráster de clases como polígonos con nombre, área sobre el terreno e incertidumbre. Los vecinos comparten sus bordes, de modo que no hay huecos ni astillas; las motas pasan al vecino con el borde común más largo, y no se pierde nada del ráster. Los rásteres pueden tener cualquier tamaño.</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the classes; left empty, the fields about it stay empty.</source>
        <translation>El ráster de incertidumbre que se escribió junto con las clases; si se deja vacío, los campos sobre ella quedan vacíos.</translation>
    </message>
    <message>
        <source>Classes to outline (default: all)</source>
        <translation>Clases que se delimitan (por defecto: todas)</translation>
    </message>
    <message>
        <source>Names or numbers of classes, separated by commas: 'building, road'; the others are left out.</source>
        <translation>Nombres o números de clases, separados por comas: «building, road»; las demás se omiten.</translation>
    </message>
    <message>
        <source>Smallest polygon, in square metres (default: 100 pixels)</source>
        <translation>Polígono más pequeño, en metros cuadrados (por defecto: 100 píxeles)</translation>
    </message>
    <message>
        <source>Smallest hole, in square metres (default: as the smallest polygon)</source>
        <translation>Hueco más pequeño, en metros cuadrados (por defecto: como el polígono más pequeño)</translation>
    </message>
    <message>
        <source>Smaller holes are filled, whatever class is in them; holes without data stay.</source>
        <translation>Los huecos menores se rellenan, sea cual sea la clase que contengan; los huecos sin datos se quedan.</translation>
    </message>
    <message>
        <source>Smoothing, in pixels</source>
        <translation>Suavizado, en píxeles</translation>
    </message>
    <message>
        <source>How far a smoothed border may be from where the raster has it; 0 follows the sides of pixels. Where data end, borders stay as they are.</source>
        <translation>A qué distancia del que tiene el ráster puede estar un borde suavizado; 0 sigue los lados de los píxeles. Donde terminan los datos, los bordes quedan como están.</translation>
    </message>
    <message>
        <source>Classes with right angles</source>
        <translation>Clases con ángulos rectos</translation>
    </message>
    <message>
        <source>Names or numbers of classes, such as buildings, whose outlines get right angles along their main direction where that keeps them near their borders; where it does not, they are smoothed like others. Best with these classes alone: borders at which three polygons meet stay smoothed.</source>
        <translation>Nombres o números de clases, por ejemplo de edificios, cuyos contornos reciben ángulos rectos a lo largo de su dirección principal donde así quedan cerca de sus bordes; donde no, se suavizan como los demás. Lo mejor es hacerlo solo con estas clases: los bordes en los que se encuentran tres polígonos quedan suavizados.</translation>
    </message>
    <message>
        <source>Largest shift for right angles, in pixels</source>
        <translation>Mayor desplazamiento para ángulos rectos, en píxeles</translation>
    </message>
    <message>
        <source>How far an outline with right angles may be from its border.</source>
        <translation>A qué distancia de su borde puede estar un contorno con ángulos rectos.</translation>
    </message>
    <message>
        <source>A pixel counts as unsure when its final uncertainty, 0 (sure) to 1, reaches this number.</source>
        <translation>Un píxel cuenta como inseguro cuando su incertidumbre final, de 0 (seguro) a 1, alcanza este número.</translation>
    </message>
    <message>
        <source>The file to write, GeoPackage (.gpkg) or FlatGeobuf (.fgb), one feature a polygon: class (number), name, area_m2 (on the ground), pixels, mean_u and mean_final (uncertainty 0 to 1) and unsure_share (0 to 1).</source>
        <translation>El archivo que se escribe, GeoPackage (.gpkg) o FlatGeobuf (.fgb), un objeto por polígono: class (número), name, area_m2 (sobre el terreno), pixels, mean_u y mean_final (incertidumbre de 0 a 1) y unsure_share (de 0 a 1).</translation>
    </message>
    <message>
        <source>What was made, for programs: polygons and areas by class, and how far borders moved (JSON).</source>
        <translation>Lo que se hizo, para programas: polígonos y áreas por clase, y cuánto se movieron los bordes (JSON).</translation>
    </message>
    <message>
        <source>Polygons</source>
        <translation>Polígonos</translation>
    </message>
    <message>
        <source>How many polygons were written.</source>
        <translation>Cuántos polígonos se escribieron.</translation>
    </message>
    <message>
        <source>Largest shift</source>
        <translation>Mayor desplazamiento</translation>
    </message>
    <message>
        <source>How far a border of the raster is from those of the polygons, in pixels.</source>
        <translation>A qué distancia está un borde del ráster de los de los polígonos, en píxeles.</translation>
    </message>
    <message>
        <source>Corrected classes</source>
        <translation>Clases corregidas</translation>
    </message>
    <message>
        <source>review,correct,edit,burn,rasterize,land cover,classification,labels,fix,post-processing</source>
        <translation>revisión,corregir,editar,rasterizar,cobertura del suelo,clasificación,etiquetas,posproceso</translation>
    </message>
    <message>
        <source>Burns the judgements of a review and the corrections that were drawn into a copy of the class raster. The copy has the same grid, classes and colours; pixels without data stay so. Regions judged 'wrong' become their new class; corrections win over regions, and in each layer later features win over earlier ones.</source>
        <translation>Graba los juicios de una revisión y las correcciones dibujadas en una copia del ráster de clases. La copia tiene la misma cuadrícula, clases y colores; los píxeles sin datos siguen así. Las regiones juzgadas como incorrectas pasan a su nueva clase; las correcciones prevalecen sobre las regiones, y en cada capa los objetos posteriores sobre los anteriores.</translation>
    </message>
    <message>
        <source>The class raster that was reviewed, as 'Segment raster' wrote it.</source>
        <translation>El ráster de clases que se revisó, como lo escribió «Segmentar ráster».</translation>
    </message>
    <message>
        <source>The class raster to write (GeoTIFF); the reviewed one is left as it is.</source>
        <translation>El ráster de clases que se escribe (GeoTIFF); el revisado queda como está.</translation>
    </message>
    <message>
        <source>Judged pixels</source>
        <translation>Píxeles juzgados</translation>
    </message>
    <message>
        <source>How many pixels with data lie in judged regions and corrections.</source>
        <translation>Cuántos píxeles con datos están en regiones juzgadas y correcciones.</translation>
    </message>
    <message>
        <source>Judged regions</source>
        <translation>Regiones juzgadas</translation>
    </message>
    <message>
        <source>The layer of regions that was reviewed, with the fields 'status' ('right', 'wrong', ...) and 'new_class' (the number of the class that a wrong region is).</source>
        <translation>La capa de regiones que se revisó, con los campos «status» («right», «wrong», ...) y «new_class» (el número de la clase de una región incorrecta).</translation>
    </message>
    <message>
        <source>Drawn corrections</source>
        <translation>Correcciones dibujadas</translation>
    </message>
    <message>
        <source>The polygons that were drawn in the review, the table 'corrections' beside the regions, with the field 'class' (the number of the class).</source>
        <translation>Los polígonos que se dibujaron en la revisión, la tabla «corrections» junto a las regiones, con el campo «class» (el número de la clase).</translation>
    </message>
    <message>
        <source>Training samples</source>
        <translation>Muestras de entrenamiento</translation>
    </message>
    <message>
        <source>review,training,labels,masks,chips,tiles,crops,patches,deep learning,fine-tune,active learning,dataset</source>
        <translation>revisión,entrenamiento,etiquetas,máscaras,recortes,teselas,aprendizaje profundo,ajuste fino,aprendizaje activo,conjunto de datos</translation>
    </message>
    <message>
        <source>Cuts pieces of the image around all that was judged in a review, each with a label image that holds the right class where somebody said so and 'not judged' (255) elsewhere: the class raster's own class in regions that are 'right', the new class in 'wrong' ones, the drawn class in corrections. The folder is what training/train.py reads with training/configs/folder.yaml.</source>
        <translation>Recorta trozos de la imagen alrededor de todo lo que se juzgó en una revisión, cada uno con una imagen de etiquetas que contiene la clase correcta donde alguien la indicó y «no juzgado» (255) en el resto: la clase del propio ráster en las regiones correctas, la nueva clase en las incorrectas y la clase dibujada en las correcciones. La carpeta es la que lee training/train.py con training/configs/folder.yaml.</translation>
    </message>
    <message>
        <source>The raster that was segmented, of any number of bands, in 8 or 16 bits or any other type.</source>
        <translation>El ráster que se segmentó, con cualquier número de bandas, de 8 o 16 bits o de otro tipo.</translation>
    </message>
    <message>
        <source>The class raster that was reviewed; it lies on the pixels of the raster.</source>
        <translation>El ráster de clases que se revisó; coincide con los píxeles del ráster.</translation>
    </message>
    <message>
        <source>Bands in the model's order (default: all but alpha)</source>
        <translation>Bandas en el orden del modelo (por defecto: todas menos alfa)</translation>
    </message>
    <message>
        <source>The bands that the model sees, in its order (red, green, blue for the bundled one).</source>
        <translation>Las bandas que ve el modelo, en su orden (rojo, verde, azul en el incluido).</translation>
    </message>
    <message>
        <source>Side of a sample, in pixels</source>
        <translation>Lado de una muestra, en píxeles</translation>
    </message>
    <message>
        <source>Samples of at least the training's crop (640 in folder.yaml) are used as they are, smaller ones are magnified.</source>
        <translation>Las muestras al menos tan grandes como el recorte del entrenamiento (640 en folder.yaml) se usan como están; las menores se amplían.</translation>
    </message>
    <message>
        <source>Share for validation</source>
        <translation>Proporción para validación</translation>
    </message>
    <message>
        <source>The share of the samples (0 to 0.5) that training is measured on instead of learning from them: with 0.2 the second of every five.</source>
        <translation>La proporción de las muestras (0 a 0.5) con la que se mide el entrenamiento en lugar de aprender de ellas: con 0.2, la segunda de cada cinco.</translation>
    </message>
    <message>
        <source>Add to the samples in the folder</source>
        <translation>Añadir a las muestras de la carpeta</translation>
    </message>
    <message>
        <source>Adds to a folder that this algorithm has filled before, so that several rasters make one set; samples that it holds of the same raster are replaced.</source>
        <translation>Añade a una carpeta que este algoritmo ya ha llenado, para que varios rásteres formen un conjunto; las muestras del mismo ráster que contenga se sustituyen.</translation>
    </message>
    <message>
        <source>Folder of samples</source>
        <translation>Carpeta de muestras</translation>
    </message>
    <message>
        <source>A new or empty folder, unless samples are added: classes.yaml, train/ and val/ with images/ and labels/, and samples.json, the list of what came from where.</source>
        <translation>Una carpeta nueva o vacía, salvo que se añadan muestras: classes.yaml, train/ y val/ con images/ y labels/, y samples.json, la lista de la procedencia de cada una.</translation>
    </message>
    <message>
        <source>How many samples of this raster are for training.</source>
        <translation>Cuántas muestras de este ráster son para entrenamiento.</translation>
    </message>
    <message>
        <source>Validation samples</source>
        <translation>Muestras de validación</translation>
    </message>
    <message>
        <source>How many samples of this raster are for validation.</source>
        <translation>Cuántas muestras de este ráster son para validación.</translation>
    </message>
    <message>
        <source>How many pixels are labelled.</source>
        <translation>Cuántos píxeles tienen etiqueta.</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>Diagnóstico</translation>
    </message>
    <message>
        <source>version,install,onnxruntime,gpu,device,speed,benchmark,bug report,troubleshooting</source>
        <translation>versión,instalar,onnxruntime,GPU,dispositivo,velocidad,rendimiento,informe de error,solución de problemas</translation>
    </message>
    <message>
        <source>Lists the versions of everything that takes part, the devices that were found, and the speed of a short run of the bundled model on a generated raster. What is broken is told, not stumbled over. The text is for a bug report: it holds no paths, names, layers or projects of yours, and it is not sent anywhere.</source>
        <translation>Enumera las versiones de todo lo que interviene, los dispositivos encontrados y la velocidad de una ejecución corta del modelo incluido sobre un ráster generado. Lo que no funciona se indica. El texto es para un informe de error: no contiene rutas, nombres, capas ni proyectos suyos y no se envía a ninguna parte.</translation>
    </message>
    <message>
        <source>Device to test</source>
        <translation>Dispositivo que se prueba</translation>
    </message>
    <message>
        <source>Where the short run computes: auto takes the best that is found.</source>
        <translation>Dónde calcula la ejecución corta: auto toma el mejor que se encuentre.</translation>
    </message>
    <message>
        <source>A file for the text, for reading (*.html) or for pasting (*.txt).</source>
        <translation>Un archivo para el texto, para leer (*.html) o para pegar (*.txt).</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Texto</translation>
    </message>
    <message>
        <source>The lines, to paste into a bug report.</source>
        <translation>Las líneas, para pegarlas en un informe de error.</translation>
    </message>
    <message>
        <source>Works</source>
        <translation>Funciona</translation>
    </message>
    <message>
        <source>Whether nothing was found broken.</source>
        <translation>Si no se encontró ningún fallo.</translation>
    </message>
    <message>
        <source>HTML (*.html);;Text (*.txt)</source>
        <translation>HTML (*.html);;Texto (*.txt)</translation>
    </message>
    <message>
        <source>{} Or copy the lines above.</source>
        <translation>{} O copie las líneas de arriba.</translation>
    </message>
    <message>
        <source>Import model</source>
        <translation>Importar modelo</translation>
    </message>
    <message>
        <source>onnx,import,neural network,deep learning,own network,custom model,deepness,pytorch,u-net,deeplab,segformer</source>
        <translation>onnx,importar,red neuronal,aprendizaje profundo,red propia,modelo propio,deepness,pytorch,u-net,deeplab,segformer</translation>
    </message>
    <message>
        <source>Makes a model of any segmentation network in ONNX, so that 'Segment raster' offers it by name. What the file tells (also in the way of the plugin Deepness) and what a short run of it tells need not be given; what is missing is asked for in one line.</source>
        <translation>Hace de cualquier red de segmentación en ONNX un modelo que «Segmentar ráster» ofrece por su nombre. Lo que dice el archivo (también a la manera del complemento Deepness) y lo que muestra una ejecución corta no hace falta indicarlo; lo que falta se pide en una línea.</translation>
    </message>
    <message>
        <source>Network (ONNX)</source>
        <translation>Red (ONNX)</translation>
    </message>
    <message>
        <source>A file with one image as input and one score for each class and pixel as output; its weights must be inside.</source>
        <translation>Un archivo con una imagen como entrada y una puntuación por clase y píxel como salida; sus pesos deben estar dentro.</translation>
    </message>
    <message>
        <source>Name of the model</source>
        <translation>Nombre del modelo</translation>
    </message>
    <message>
        <source>By which 'Segment raster' will offer it; left empty, the name of the file.</source>
        <translation>Con el que «Segmentar ráster» lo ofrecerá; si se deja vacío, el nombre del archivo.</translation>
    </message>
    <message>
        <source>Classes, in the network's order</source>
        <translation>Clases, en el orden de la red</translation>
    </message>
    <message>
        <source>Names separated by commas, perhaps with colours: water=1F78B4,land,road. Left empty, those in the file.</source>
        <translation>Nombres separados por comas, quizá con colores: agua=1F78B4,suelo,camino. Si se deja vacío, los del archivo.</translation>
    </message>
    <message>
        <source>Bands, in the network's order</source>
        <translation>Bandas, en el orden de la red</translation>
    </message>
    <message>
        <source>Roles or names separated by commas, such as red,green,blue or red,green,blue,nir. Left empty, red,green,blue for a file of Deepness with three bands.</source>
        <translation>Funciones o nombres separados por comas, como red,green,blue o red,green,blue,nir. Si se deja vacío, red,green,blue en un archivo de Deepness con tres bandas.</translation>
    </message>
    <message>
        <source>Pixel size in metres, or any</source>
        <translation>Tamaño de píxel en metros, o any</translation>
    </message>
    <message>
        <source>The pixel size of the imagery that the network was trained on: other rasters are read at it; any where it does not matter. Left empty, what the file says.</source>
        <translation>El tamaño de píxel de las imágenes con las que se entrenó la red: otros rásteres se leen con él; any si es indiferente. Si se deja vacío, lo que dice el archivo.</translation>
    </message>
    <message>
        <source>Divisor of the numbers</source>
        <translation>Divisor de los números</translation>
    </message>
    <message>
        <source>What the raster's numbers are divided by before the mean is subtracted: 255 for networks that take 0 to 1, 1 for those that take the numbers as they are. Left empty, it follows from mean and std.</source>
        <translation>Por cuánto se dividen los números del ráster antes de restar la media: 255 para redes que toman de 0 a 1, 1 para las que toman los números tal como son. Si se deja vacío, se deduce de la media y la desviación típica.</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>Media</translation>
    </message>
    <message>
        <source>What is subtracted then: one number, or one for each band, such as 0.485,0.456,0.406.</source>
        <translation>Lo que se resta después: un número, o uno por banda, como 0.485,0.456,0.406.</translation>
    </message>
    <message>
        <source>Standard deviation</source>
        <translation>Desviación típica</translation>
    </message>
    <message>
        <source>What the difference is divided by: one number, or one for each band, such as 0.229,0.224,0.225.</source>
        <translation>Por cuánto se divide la diferencia: un número, o uno por banda, como 0.229,0.224,0.225.</translation>
    </message>
    <message>
        <source>Margin of the windows, in pixels</source>
        <translation>Margen de las ventanas, en píxeles</translation>
    </message>
    <message>
        <source>How much of each window is thrown away along its borders, where the network lacks surroundings. Left empty, what the file says, else measured.</source>
        <translation>Cuánto de cada ventana se desecha en sus bordes, donde a la red le falta el entorno. Si se deja vacío, lo que dice el archivo; si no, se mide.</translation>
    </message>
    <message>
        <source>First look</source>
        <translation>Primera mirada</translation>
    </message>
    <message>
        <source>none: the network sees the whole raster at full scale, as elsewhere. same: it sees it at 1/4 scale first, and only the most uncertain patches at full scale; faster, for networks that bear it.</source>
        <translation>none: la red ve todo el ráster a plena resolución, como en otros programas. same: lo ve primero a escala 1/4 y solo las teselas más inciertas a plena resolución; más rápido, para redes que lo toleran.</translation>
    </message>
    <message>
        <source>Side of the windows, in pixels</source>
        <translation>Lado de las ventanas, en píxeles</translation>
    </message>
    <message>
        <source>Only for networks that take images of any size; left empty, what the file says, else 512.</source>
        <translation>Solo para redes que toman imágenes de cualquier tamaño; si se deja vacío, lo que dice el archivo; si no, 512.</translation>
    </message>
    <message>
        <source>Numbers of the raster</source>
        <translation>Números del ráster</translation>
    </message>
    <message>
        <source>The data type of the imagery that the network was trained on; auto is that of a network that takes whole numbers, else uint8, to which other imagery is stretched.</source>
        <translation>El tipo de datos de las imágenes con las que se entrenó la red; auto es el de una red que toma números enteros; si no, uint8, al que se estiran otras imágenes.</translation>
    </message>
    <message>
        <source>Output with the classes</source>
        <translation>Salida con las clases</translation>
    </message>
    <message>
        <source>Its name, for networks with several outputs.</source>
        <translation>Su nombre, en redes con varias salidas.</translation>
    </message>
    <message>
        <source>Axes of the input</source>
        <translation>Ejes de la entrada</translation>
    </message>
    <message>
        <source>NCHW: batch, bands, height, width, as from PyTorch. NHWC: bands last, as from TensorFlow. auto finds it out.</source>
        <translation>NCHW: lote, bandas, alto, ancho, como de PyTorch. NHWC: bandas al final, como de TensorFlow. auto lo averigua.</translation>
    </message>
    <message>
        <source>Scores of the output</source>
        <translation>Puntuaciones de la salida</translation>
    </message>
    <message>
        <source>Whether softmax or sigmoid are part of the network (probabilities) or not (logits); auto finds it out.</source>
        <translation>Si softmax o sigmoide forman parte de la red (probabilities) o no (logits); auto lo averigua.</translation>
    </message>
    <message>
        <source>Made from</source>
        <translation>Hecho con</translation>
    </message>
    <message>
        <source>What the network was trained on, in a sentence: for those who choose the model.</source>
        <translation>Con qué se entrenó la red, en una frase: para quienes elijan el modelo.</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Licencia</translation>
    </message>
    <message>
        <source>Of the weights.</source>
        <translation>De los pesos.</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Carpeta</translation>
    </message>
    <message>
        <source>Where the model is written; left empty, the folder of your models, from which 'Segment raster' offers it by name.</source>
        <translation>Dónde se escribe el modelo; si se deja vacío, la carpeta de sus modelos, desde la que «Segmentar ráster» lo ofrece por su nombre.</translation>
    </message>
    <message>
        <source>Replace a model of this name</source>
        <translation>Reemplazar un modelo de este nombre</translation>
    </message>
    <message>
        <source>Otherwise a model that is there already stays, and nothing is imported.</source>
        <translation>Si no, un modelo que ya está se conserva y no se importa nada.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>The model bundle that was written.</source>
        <translation>El paquete de modelo escrito.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nombre</translation>
    </message>
    <message>
        <source>The name of the model.</source>
        <translation>El nombre del modelo.</translation>
    </message>
    <message>
        <source>Network in ONNX (*.onnx);;All files (*)</source>
        <translation>Red en ONNX (*.onnx);;Todos los archivos (*)</translation>
    </message>
    <message>
        <source>'Segment raster' offers it as {}.</source>
        <translation>«Segmentar ráster» lo ofrece como {}.</translation>
    </message>
    <message>
        <source>Legend as a picture</source>
        <translation>Leyenda como imagen</translation>
    </message>
    <message>
        <source>legend,key,print layout,map,picture,png,classes,uncertainty,colours</source>
        <translation>leyenda,diseño de impresión,mapa,imagen,PNG,clases,incertidumbre,colores</translation>
    </message>
    <message>
        <source>Draws the legend of class and uncertainty rasters as a picture for a print layout, a report or a slide: every class with colour and name, and the ramp of the uncertainty, as the layers are styled now.</source>
        <translation>Dibuja la leyenda de rásteres de clases y de incertidumbre como imagen para un diseño de impresión, un informe o una diapositiva: cada clase con color y nombre, y la rampa de la incertidumbre, con el estilo actual de las capas.</translation>
    </message>
    <message>
        <source>Rasters</source>
        <translation>Rásteres</translation>
    </message>
    <message>
        <source>The layers whose legend is drawn, such as the classes and the uncertainty of a run.</source>
        <translation>Las capas cuya leyenda se dibuja, como las clases y la incertidumbre de una ejecución.</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Título</translation>
    </message>
    <message>
        <source>Written above the legend.</source>
        <translation>Escrito encima de la leyenda.</translation>
    </message>
    <message>
        <source>Dots per inch</source>
        <translation>PPP</translation>
    </message>
    <message>
        <source>Pixels per inch of paper: 300 for print, 96 for a screen.</source>
        <translation>Píxeles por pulgada de papel: 300 para imprimir, 96 para la pantalla.</translation>
    </message>
    <message>
        <source>Clear ground</source>
        <translation>Fondo transparente</translation>
    </message>
    <message>
        <source>Leaves the ground transparent instead of white.</source>
        <translation>Deja el fondo transparente en lugar de blanco.</translation>
    </message>
    <message>
        <source>Legend</source>
        <translation>Leyenda</translation>
    </message>
    <message>
        <source>The picture to write (PNG).</source>
        <translation>La imagen que se escribe (PNG).</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
    <message>
        <source>Segment raster</source>
        <translation>Segmentar ráster</translation>
    </message>
    <message>
        <source>land cover,classification,semantic segmentation,deep learning,neural network,onnx,uncertainty,orthophoto,aerial,satellite,ultra-high resolution</source>
        <translation>cobertura del suelo,clasificación,segmentación semántica,aprendizaje profundo,red neuronal,ONNX,incertidumbre,ortofoto,aérea,satélite,muy alta resolución</translation>
    </message>
    <message>
        <source>Segments a raster of any size into the classes of a model, and maps where the result is uncertain. The whole raster is seen at 1/4 scale first; then the patches where that leaves most doubt are seen at full scale, and both views are joined.</source>
        <translation>Segmenta un ráster de cualquier tamaño en las clases de un modelo y cartografía dónde es incierto el resultado. Primero se ve todo el ráster a escala 1/4; después las teselas donde queda más duda se ven a plena resolución, y se unen ambas vistas.</translation>
    </message>
    <message>
        <source>A raster file with the bands that the model expects.</source>
        <translation>Un archivo ráster con las bandas que espera el modelo.</translation>
    </message>
    <message>
        <source>The name of a model, or the path of its bundle (*.uhrs); left empty, the one that comes with the plugin.</source>
        <translation>El nombre de un modelo o la ruta de su paquete (*.uhrs); si se deja vacío, el que viene con el complemento.</translation>
    </message>
    <message>
        <source>Bands, in the model's order</source>
        <translation>Bandas, en el orden del modelo</translation>
    </message>
    <message>
        <source>The bands to give to the model, in its order (red, green, blue for the bundled one); left empty, they are found by colour interpretation and description, or the first ones where the raster has none.</source>
        <translation>Las bandas que se dan al modelo, en su orden (rojo, verde, azul en el incluido); si se dejan vacías, se encuentran por interpretación de color y descripción, o son las primeras si el ráster no las tiene.</translation>
    </message>
    <message>
        <source>Alpha bands</source>
        <translation>Bandas alfa</translation>
    </message>
    <message>
        <source>What an alpha band is: auto and mask, 0 in it means no data; data, a band like others, such as near infrared that is labelled alpha.</source>
        <translation>Qué es una banda alfa: auto y mask, 0 en ella significa sin datos; data, una banda como las demás, por ejemplo un infrarrojo cercano marcado como alfa.</translation>
    </message>
    <message>
        <source>Stretch to 8 bits</source>
        <translation>Estirar a 8 bits</translation>
    </message>
    <message>
        <source>How 16-bit or decimal numbers come to a model of 8 bits: auto, linearly between two percentiles of each band; none, not at all; or two numbers LOW,HIGH that become 0 and 255 in all bands.</source>
        <translation>Cómo llegan números de 16 bits o decimales a un modelo de 8 bits: auto, linealmente entre dos percentiles de cada banda; none, de ninguna manera; o dos números LOW,HIGH que pasan a ser 0 y 255 en todas las bandas.</translation>
    </message>
    <message>
        <source>Only this part of the raster is segmented; an extent in another coordinate system is transformed. Left empty, all of it.</source>
        <translation>Solo se segmenta esta parte del ráster; una extensión en otro sistema de coordenadas se transforma. Si se deja vacía, todo.</translation>
    </message>
    <message>
        <source>Area of interest</source>
        <translation>Área de interés</translation>
    </message>
    <message>
        <source>Only what lies in these polygons is segmented; the rest becomes no data and costs nothing. Any layer of polygons does, also one that is being drawn (Raster &gt; UHRS segmentation &gt; Draw an area of interest).</source>
        <translation>Solo se segmenta lo que está en estos polígonos; el resto pasa a ser sin datos y no cuesta nada. Sirve cualquier capa de polígonos, también una que se está dibujando (Ráster &gt; UHRS segmentation &gt; Dibujar un área de interés).</translation>
    </message>
    <message>
        <source>Share of patches to refine, K</source>
        <translation>Proporción de teselas que se refinan, K</translation>
    </message>
    <message>
        <source>The share of patches, 0 to 1, that are seen at full scale, the most uncertain first: 0 is fastest, 1 is most thorough. Left empty, what the model suggests.</source>
        <translation>La proporción de teselas, de 0 a 1, que se ven a plena resolución, primero las más inciertas: 0 es lo más rápido, 1 lo más completo. Si se deja vacía, lo que propone el modelo.</translation>
    </message>
    <message>
        <source>Least uncertainty, instead of K</source>
        <translation>Menor incertidumbre, en lugar de K</translation>
    </message>
    <message>
        <source>Instead of a fixed share, all patches whose mean uncertainty (0 to 1) reaches this number are refined.</source>
        <translation>En lugar de una proporción fija, se refinan todas las teselas cuya incertidumbre media (0 a 1) alcanza este número.</translation>
    </message>
    <message>
        <source>Minutes for the run, instead of K</source>
        <translation>Minutos de ejecución, en lugar de K</translation>
    </message>
    <message>
        <source>Instead of a fixed share, the most uncertain patches are refined until the run has taken this long.</source>
        <translation>En lugar de una proporción fija, se refinan las teselas más inciertas hasta que la ejecución haya durado este tiempo.</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Dispositivo</translation>
    </message>
    <message>
        <source>Where the model runs: auto takes the best that the installed onnxruntime offers, else the processor (cpu); cuda:1 is the second NVIDIA card, cuda:all are all of them at once.</source>
        <translation>Dónde calcula el modelo: auto toma el mejor que ofrece el onnxruntime instalado, si no el procesador (cpu); cuda:1 es la segunda tarjeta NVIDIA, cuda:all todas a la vez.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Precisión</translation>
    </message>
    <message>
        <source>float computes in floating point; int8 in 8 bits, with nearly the same classes, where the model has such graphs; auto takes 8 bits on processors that are faster so.</source>
        <translation>float calcula en coma flotante; int8 en 8 bits, con casi las mismas clases, si el modelo tiene tales grafos; auto toma 8 bits en los procesadores que así son más rápidos.</translation>
    </message>
    <message>
        <source>Pixel size: auto, native or metres</source>
        <translation>Tamaño de píxel: auto, native o metros</translation>
    </message>
    <message>
        <source>auto reads the raster at the pixel size that the model was made for, where its own is more than 1.4 times finer or coarser; native always at its own; a number is a pixel size in metres.</source>
        <translation>auto lee el ráster con el tamaño de píxel para el que se hizo el modelo, si el suyo es más de 1,4 veces más fino o más grueso; native siempre con el suyo; un número es un tamaño de píxel en metros.</translation>
    </message>
    <message>
        <source>Pixels of the outputs</source>
        <translation>Píxeles de las salidas</translation>
    </message>
    <message>
        <source>Where the raster is read at another pixel size: working writes the outputs at that one, input in the raster's own pixels.</source>
        <translation>Cuando el ráster se lee con otro tamaño de píxel: working escribe las salidas con ese tamaño, input en los píxeles del propio ráster.</translation>
    </message>
    <message>
        <source>Uncertainty cell in pixels</source>
        <translation>Celda de incertidumbre en píxeles</translation>
    </message>
    <message>
        <source>Pixels of the raster per cell of the uncertainty map: 8 is its native grid and the smallest file.</source>
        <translation>Píxeles del ráster por celda del mapa de incertidumbre: 8 es su cuadrícula propia y el archivo más pequeño.</translation>
    </message>
    <message>
        <source>Map what is unfamiliar</source>
        <translation>Cartografiar lo que no es familiar</translation>
    </message>
    <message>
        <source>Adds a third band to the uncertainty map: how unlike the imagery that the model was trained on each place is, 0 to 1. Where it is high, expect errors that the other bands do not show.</source>
        <translation>Añade una tercera banda al mapa de incertidumbre: cuánto difiere cada lugar de las imágenes con las que se entrenó el modelo, de 0 a 1. Donde es alta, cabe esperar errores que las otras bandas no muestran.</translation>
    </message>
    <message>
        <source>Go on from an earlier run</source>
        <translation>Continuar una ejecución anterior</translation>
    </message>
    <message>
        <source>Keeps what is finished when the run is cancelled or killed, and goes on from there when it is repeated.</source>
        <translation>Conserva lo terminado cuando la ejecución se cancela o se interrumpe, y continúa desde ahí cuando se repite.</translation>
    </message>
    <message>
        <source>Damaged parts of the raster</source>
        <translation>Partes dañadas del ráster</translation>
    </message>
    <message>
        <source>What happens where the file cannot be read: stop with an error, or treat it as no data.</source>
        <translation>Qué ocurre donde no se puede leer el archivo: stop, parar con un error, o nodata, tratarlo como sin datos.</translation>
    </message>
    <message>
        <source>The class map to write: one number a pixel, with palette and class names (GeoTIFF).</source>
        <translation>El mapa de clases que se escribe: un número por píxel, con paleta y nombres de clases (GeoTIFF).</translation>
    </message>
    <message>
        <source>The uncertainty map to write, 0 (sure) to 1: band 1 is that of the coarse view (U), which chose the patches, band 2 the final one, after refining (GeoTIFF).</source>
        <translation>El mapa de incertidumbre que se escribe, de 0 (seguro) a 1: la banda 1 es la de la vista gruesa (U), que eligió las teselas, la banda 2 la final, después de refinar (GeoTIFF).</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vista previa</translation>
    </message>
    <message>
        <source>The classes of the coarse view, one for 8 x 8 pixels, written and shown as soon as it is done, with its uncertainty beside it (GeoTIFF).</source>
        <translation>Las clases de la vista gruesa, una por cada 8 x 8 píxeles, escritas y mostradas en cuanto está lista, con su incertidumbre al lado (GeoTIFF).</translation>
    </message>
    <message>
        <source>A file for seconds, patches, device and the area of each class (JSON).</source>
        <translation>Un archivo para los segundos, las teselas, el dispositivo y el área de cada clase (JSON).</translation>
    </message>
    <message>
        <source>Refined share of patches</source>
        <translation>Proporción refinada de teselas</translation>
    </message>
    <message>
        <source>The share of patches that were refined in the end, 0 to 1.</source>
        <translation>La proporción de teselas que se refinaron al final, de 0 a 1.</translation>
    </message>
    <message>
        <source>Pixels</source>
        <translation>Píxeles</translation>
    </message>
    <message>
        <source>Pixels of the raster that were segmented.</source>
        <translation>Píxeles del ráster que se segmentaron.</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>Segundos</translation>
    </message>
    <message>
        <source>How long the run took.</source>
        <translation>Cuánto duró la ejecución.</translation>
    </message>
    <message>
        <source>Model bundle (*.uhrs);;All files (*)</source>
        <translation>Paquete de modelo (*.uhrs);;Todos los archivos (*)</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Cancelled: run it again as it was to go on from here.</source>
        <translation>Cancelado: ejecútelo de nuevo tal como estaba para continuar desde aquí.</translation>
    </message>
    <message>
        <source>Bundles (*.uhrs) in this folder are offered by name: {}</source>
        <translation>Los paquetes (*.uhrs) de esta carpeta se ofrecen por su nombre: {}</translation>
    </message>
    <message>
        <source>Preview: classes</source>
        <translation>Vista previa: clases</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>click the corners, right click to end. Then choose this layer as area of interest in 'Segment raster'.</source>
        <translation>haga clic en las esquinas, clic derecho para terminar. Después elija esta capa como área de interés en «Segmentar ráster».</translation>
    </message>
    <message>
        <source>Takes perhaps {} and {} GB of memory; the first run will measure this computer.</source>
        <translation>Tarda quizá {} y usa {} GB de memoria; la primera ejecución medirá este ordenador.</translation>
    </message>
    <message>
        <source>Takes about {} on {}, as measured on this computer, and {} GB of memory.</source>
        <translation>Tarda unos {} en {}, según lo medido en este ordenador, y usa {} GB de memoria.</translation>
    </message>
    <message>
        <source>{} x {} pixels</source>
        <translation>{} x {} píxeles</translation>
    </message>
    <message>
        <source>The raster lies on a server: what is read of it comes over the network.</source>
        <translation>El ráster está en un servidor: lo que se lee de él llega por la red.</translation>
    </message>
    <message>
        <source>Takes {}, as asked for.</source>
        <translation>Tarda {}, como se pidió.</translation>
    </message>
    <message>
        <source>The raster lies on a server: about {} of its {} MB are read.</source>
        <translation>El ráster está en un servidor: se leen unos {} de sus {} MB.</translation>
    </message>
    <message>
        <source>{} to {}</source>
        <translation>{} a {}</translation>
    </message>
    <message>
        <source>{} of {} m</source>
        <translation>{} de {} m</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>desconocido</translation>
    </message>
    <message>
        <source>any pixel size</source>
        <translation>cualquier tamaño de píxel</translation>
    </message>
    <message>
        <source>Bands</source>
        <translation>Bandas</translation>
    </message>
    <message>
        <source>{} classes</source>
        <translation>{} clases</translation>
    </message>
    <message>
        <source>Choose another model bundle (*.uhrs)</source>
        <translation>Elegir otro paquete de modelo (*.uhrs)</translation>
    </message>
    <message>
        <source>Fit of the raster to the model</source>
        <translation>Adecuación del ráster al modelo</translation>
    </message>
    <message>
        <source>{} % done, about {} left</source>
        <translation>{} % hecho, faltan unos {}</translation>
    </message>
    <message>
        <source>Uncertain regions</source>
        <translation>Regiones inciertas</translation>
    </message>
    <message>
        <source>uncertainty,doubt,review,quality,check,correct,active learning,hot spots,polygons,polygonize,vectorize,segmentation,classification</source>
        <translation>incertidumbre,duda,revisión,calidad,comprobar,corregir,aprendizaje activo,puntos calientes,polígonos,poligonizar,vectorizar,segmentación,clasificación</translation>
    </message>
    <message>
        <source>Outlines the places of a segmented raster that are worth a look: where the uncertainty is highest. They are ranked by what looking at them brings, which is their area times their mean uncertainty: rank 1 comes first.</source>
        <translation>Delimita los lugares de un ráster segmentado que merecen una mirada: donde la incertidumbre es mayor. Se ordenan por lo que aporta mirarlos, que es su área por su incertidumbre media: el rango 1 va primero.</translation>
    </message>
    <message>
        <source>The uncertainty raster that 'Segment raster' wrote.</source>
        <translation>El ráster de incertidumbre que escribió «Segmentar ráster».</translation>
    </message>
    <message>
        <source>Band (default: the final uncertainty)</source>
        <translation>Banda (por defecto: la incertidumbre final)</translation>
    </message>
    <message>
        <source>Band 2 is the final uncertainty, the doubt that is left in the result, and the default where the raster has it; band 1 (U) tells where the coarse view was unsure, much of which has been refined since.</source>
        <translation>La banda 2 es la incertidumbre final, la duda que queda en el resultado, y la que se toma por defecto si el ráster la tiene; la banda 1 (U) dice dónde era insegura la vista gruesa, y mucho de ello se ha refinado desde entonces.</translation>
    </message>
    <message>
        <source>The class raster of the same run; with it each region tells its most frequent class and the one after it.</source>
        <translation>El ráster de clases de la misma ejecución; con él, cada región indica su clase más frecuente y la siguiente.</translation>
    </message>
    <message>
        <source>Share of the area, per cent</source>
        <translation>Proporción del área, en tanto por ciento</translation>
    </message>
    <message>
        <source>The most uncertain part of the area, in per cent, that regions are made of.</source>
        <translation>La parte más incierta del área, en tanto por ciento, de la que se forman regiones.</translation>
    </message>
    <message>
        <source>Uncertainty threshold, instead of a share</source>
        <translation>Umbral de incertidumbre, en lugar de una proporción</translation>
    </message>
    <message>
        <source>Instead of a share of the area, all cells whose uncertainty (0 to 1) reaches this number.</source>
        <translation>En lugar de una proporción del área, todas las celdas cuya incertidumbre (0 a 1) alcanza este número.</translation>
    </message>
    <message>
        <source>Spread over squares of so many cells (0: no)</source>
        <translation>Repartir en cuadrados de este número de celdas (0: no)</translation>
    </message>
    <message>
        <source>Each square of so many cells (16 or more) gives the share of its own area, and the ranks go round: first the most important region of every square, then the second of each. So the first regions lie all over the raster when the doubts sit in one corner or are all alike; it does nothing with a threshold.</source>
        <translation>Cada cuadrado de ese número de celdas (16 o más) da la proporción de su propia área, y los rangos van por turnos: primero la región más importante de cada cuadrado, luego la segunda de cada uno. Así las primeras regiones se reparten por todo el ráster aunque las dudas estén en una esquina o sean todas parecidas; no tiene efecto con un umbral.</translation>
    </message>
    <message>
        <source>Smallest region, in cells of 8 x 8 pixels</source>
        <translation>Región más pequeña, en celdas de 8 x 8 píxeles</translation>
    </message>
    <message>
        <source>Regions of fewer cells of the uncertainty raster are left out; a cell is 8 x 8 pixels of the image unless the run was told otherwise.</source>
        <translation>Se omiten las regiones con menos celdas del ráster de incertidumbre; una celda son 8 x 8 píxeles de la imagen, salvo que en la ejecución se eligiera otra cosa.</translation>
    </message>
    <message>
        <source>Merge across, in cells</source>
        <translation>Unir a través de, en celdas</translation>
    </message>
    <message>
        <source>Uncertain cells become one region when at most this many cells lie between them; at 0 they must touch, if only at a corner.</source>
        <translation>Las celdas inciertas forman una sola región cuando entre ellas hay como mucho este número de celdas; con 0 tienen que tocarse, aunque solo sea en una esquina.</translation>
    </message>
    <message>
        <source>Most regions</source>
        <translation>Máximo de regiones</translation>
    </message>
    <message>
        <source>Only so many regions are written, the most important ones.</source>
        <translation>Solo se escribe este número de regiones, las más importantes.</translation>
    </message>
    <message>
        <source>The layer to write, one feature a region, with rank, mean_u and max_u (uncertainty 0 to 1), area_m2 (on the ellipsoid; empty without a coordinate reference system), cells, class and class_2 (most frequent and second class), and status ('open'); choose a GeoPackage to keep it.</source>
        <translation>La capa que se escribe, un objeto por región, con rank, mean_u y max_u (incertidumbre de 0 a 1), area_m2 (sobre el elipsoide; vacío sin sistema de referencia de coordenadas), cells, class y class_2 (clase más frecuente y segunda) y status («open»); elija un GeoPackage para conservarla.</translation>
    </message>
    <message>
        <source>Regions</source>
        <translation>Regiones</translation>
    </message>
    <message>
        <source>How many regions were written.</source>
        <translation>Cuántas regiones se escribieron.</translation>
    </message>
    <message>
        <source>Least uncertainty</source>
        <translation>Menor incertidumbre</translation>
    </message>
    <message>
        <source>The uncertainty, 0 to 1, from which cells were taken.</source>
        <translation>La incertidumbre, de 0 a 1, a partir de la cual se tomaron celdas.</translation>
    </message>
    <message>
        <source>models run with the Python package onnxruntime, which is not installed yet.</source>
        <translation>los modelos funcionan con el paquete de Python onnxruntime, que todavía no está instalado.</translation>
    </message>
    <message>
        <source>UHRS segmentation: installation</source>
        <translation>UHRS segmentation: instalación</translation>
    </message>
    <message>
        <source>Install...</source>
        <translation>Instalar...</translation>
    </message>
    <message>
        <source>Installing onnxruntime</source>
        <translation>Instalación de onnxruntime</translation>
    </message>
    <message>
        <source>onnxruntime cannot be downloaded: {}. Check network and proxy (Settings &gt; Options &gt; Network), or install it from a file.</source>
        <translation>onnxruntime no se puede descargar: {}. Compruebe la red y el proxy (Configuración &gt; Opciones &gt; Red), o instálelo desde un archivo.</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>cancelado</translation>
    </message>
    <message>
        <source>The plugin knows no onnxruntime for {} on this system: install it as the page says.</source>
        <translation>El complemento no conoce ningún onnxruntime para {} en este sistema: instálelo como dice la página.</translation>
    </message>
    <message>
        <source>What came for '{}' is not that file ({} bytes, SHA-256 {}): nothing was installed.</source>
        <translation>Lo que llegó para «{}» no es ese archivo ({} bytes, SHA-256 {}): no se instaló nada.</translation>
    </message>
    <message>
        <source>'{}' holds no wheel of onnxruntime for {}: its name has {} and this platform in it.</source>
        <translation>«{}» no contiene ningún wheel de onnxruntime para {}: su nombre lleva {} y esta plataforma.</translation>
    </message>
    <message>
        <source>The wheel is larger than any onnxruntime: nothing was installed.</source>
        <translation>El wheel es mayor que cualquier onnxruntime: no se instaló nada.</translation>
    </message>
    <message>
        <source>The wheel would write outside of its folder: nothing was installed.</source>
        <translation>El wheel escribiría fuera de su carpeta: no se instaló nada.</translation>
    </message>
    <message>
        <source>'{}' is no wheel of onnxruntime: choose one such as onnxruntime-1.23.2-cp311-...whl.</source>
        <translation>«{}» no es un wheel de onnxruntime: elija uno como onnxruntime-1.23.2-cp311-...whl.</translation>
    </message>
    <message>
        <source>'{}' is for another Python or system: this QGIS needs {}.</source>
        <translation>«{}» es para otro Python o sistema: este QGIS necesita {}.</translation>
    </message>
    <message>
        <source>'{}' cannot be read: {}.</source>
        <translation>«{}» no se puede leer: {}.</translation>
    </message>
    <message>
        <source>'{}' holds no package '{}'.</source>
        <translation>«{}» no contiene ningún paquete «{}».</translation>
    </message>
    <message>
        <source>'{}' is damaged: download it again.</source>
        <translation>«{}» está dañado: descárguelo de nuevo.</translation>
    </message>
    <message>
        <source>'{}' cannot be written: {}.</source>
        <translation>«{}» no se puede escribir: {}.</translation>
    </message>
    <message>
        <source>Download onnxruntime {} (some 15 to 30 MB) from {} and unpack it into
{}

Its content is checked (SHA-256). Nothing else is installed or changed; to get rid of it, delete that folder.</source>
        <translation>Descargar onnxruntime {} (de 15 a 30 MB) de {} y descomprimirlo en
{}

Se comprueba su contenido (SHA-256). No se instala ni se cambia nada más; para deshacerse de él, borre esa carpeta.</translation>
    </message>
    <message>
        <source>Unpack {} into
{}

Nothing else is installed or changed.</source>
        <translation>Descomprimir {} en
{}

No se instala ni se cambia nada más.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>This file is none of those that the plugin knows: it runs with your rights, so install it only if you trust where it is from. Its SHA-256 is
{}</source>
        <translation>Este archivo no es ninguno de los que conoce el complemento: se ejecuta con sus permisos, así que instálelo solo si confía en su procedencia. Su SHA-256 es
{}</translation>
    </message>
    <message>
        <source>Install from</source>
        <translation>Instalar desde</translation>
    </message>
    <message>
        <source>File...</source>
        <translation>Archivo...</translation>
    </message>
    <message>
        <source>Folder...</source>
        <translation>Carpeta...</translation>
    </message>
    <message>
        <source>Copy command</source>
        <translation>Copiar orden</translation>
    </message>
    <message>
        <source>Wheel of onnxruntime</source>
        <translation>Wheel de onnxruntime</translation>
    </message>
    <message>
        <source>Folder with wheels of onnxruntime</source>
        <translation>Carpeta con wheels de onnxruntime</translation>
    </message>
    <message>
        <source>Installing ...</source>
        <translation>Instalando ...</translation>
    </message>
    <message>
        <source>Cancelled: nothing was installed.</source>
        <translation>Cancelado: no se instaló nada.</translation>
    </message>
    <message>
        <source>Installed, but Python does not find it: restart QGIS.</source>
        <translation>Instalado, pero Python no lo encuentra: reinicie QGIS.</translation>
    </message>
    <message>
        <source>onnxruntime is installed: 'Segment raster' is ready. 'Diagnostics' tells how fast it is.</source>
        <translation>onnxruntime está instalado: «Segmentar ráster» está listo. «Diagnóstico» dice lo rápido que es.</translation>
    </message>
    <message>
        <source>The legend would have {} x {} pixels: choose fewer dots per inch.</source>
        <translation>La leyenda tendría {} x {} píxeles: elija menos PPP.</translation>
    </message>
    <message>
        <source>Layer '{}' has no legend: give it classes or a colour ramp.</source>
        <translation>La capa «{}» no tiene leyenda: dele clases o una rampa de color.</translation>
    </message>
    <message>
        <source>1: unsure</source>
        <translation>1: inseguro</translation>
    </message>
    <message>
        <source>up to {}: sure</source>
        <translation>hasta {}: seguro</translation>
    </message>
    <message>
        <source>open</source>
        <translation>abierta</translation>
    </message>
    <message>
        <source>right</source>
        <translation>correcta</translation>
    </message>
    <message>
        <source>wrong</source>
        <translation>incorrecta</translation>
    </message>
    <message>
        <source>unsure</source>
        <translation>insegura</translation>
    </message>
    <message>
        <source>not judged</source>
        <translation>no juzgada</translation>
    </message>
    <message>
        <source>Segment raster...</source>
        <translation>Segmentar ráster...</translation>
    </message>
    <message>
        <source>Draw an area of interest</source>
        <translation>Dibujar un área de interés</translation>
    </message>
    <message>
        <source>Review uncertain regions</source>
        <translation>Revisar regiones inciertas</translation>
    </message>
    <message>
        <source>UHRS segmentation (uncertainty-guided, ultra-high resolution)</source>
        <translation>UHRS segmentation (guiada por la incertidumbre, muy alta resolución)</translation>
    </message>
    <message>
        <source>'{}' is closed. All judgements are saved in its file.</source>
        <translation>«{}» está cerrada. Todos los juicios están guardados en su archivo.</translation>
    </message>
    <message>
        <source>'{}' has no polygons to review: choose another layer.</source>
        <translation>«{}» no tiene polígonos que revisar: elija otra capa.</translation>
    </message>
    <message>
        <source>All regions of this list are judged.</source>
        <translation>Todas las regiones de esta lista están juzgadas.</translation>
    </message>
    <message>
        <source>Save regions as</source>
        <translation>Guardar regiones como</translation>
    </message>
    <message>
        <source>This is the end of the list.</source>
        <translation>Este es el final de la lista.</translation>
    </message>
    <message>
        <source>This is the start of the list.</source>
        <translation>Este es el principio de la lista.</translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation>No hay nada que deshacer.</translation>
    </message>
    <message>
        <source>There is no region to judge: open a layer and choose one.</source>
        <translation>No hay ninguna región que juzgar: abra una capa y elija una.</translation>
    </message>
    <message>
        <source>Open a layer and choose a class first, then draw.</source>
        <translation>Primero abra una capa y elija una clase; después dibuje.</translation>
    </message>
    <message>
        <source>Open a layer of regions first, then add classes.</source>
        <translation>Primero abra una capa de regiones; después añada clases.</translation>
    </message>
    <message>
        <source>Kept: this part is {}.</source>
        <translation>Guardado: esta parte es {}.</translation>
    </message>
    <message>
        <source>'{}' is class {} of this review from now on.</source>
        <translation>«{}» es desde ahora la clase {} de esta revisión.</translation>
    </message>
    <message>
        <source>There is no class '{}': choose one of the list.</source>
        <translation>No hay ninguna clase «{}»: elija una de la lista.</translation>
    </message>
    <message>
        <source>The table '{}' in '{}' holds no polygons and is not ours: rename it.</source>
        <translation>La tabla «{}» de «{}» no contiene polígonos y no es nuestra: cámbiele el nombre.</translation>
    </message>
    <message>
        <source>The table '{}' in '{}' lacks {} and is not ours: rename it.</source>
        <translation>A la tabla «{}» de «{}» le falta {} y no es nuestra: cámbiele el nombre.</translation>
    </message>
    <message>
        <source>'{}' is being edited: save or cancel the edits (Toggle Editing), then go on drawing.</source>
        <translation>«{}» se está editando: guarde o cancele los cambios (Conmutar edición) y después siga dibujando.</translation>
    </message>
    <message>
        <source>'{}' is read-only: save a copy of the regions as a GeoPackage to draw.</source>
        <translation>«{}» es de solo lectura: guarde una copia de las regiones como GeoPackage para dibujar.</translation>
    </message>
    <message>
        <source>QGIS does not open it</source>
        <translation>QGIS no la abre</translation>
    </message>
    <message>
        <source>Corrections of {}</source>
        <translation>Correcciones de {}</translation>
    </message>
    <message>
        <source>No table for corrections can be made in '{}': {}.</source>
        <translation>No se puede crear ninguna tabla de correcciones en «{}»: {}.</translation>
    </message>
    <message>
        <source>The correction is NOT saved: {}. Try again.</source>
        <translation>La corrección NO se ha guardado: {}. Inténtelo de nuevo.</translation>
    </message>
    <message>
        <source>The correction stays: {}.</source>
        <translation>La corrección se queda: {}.</translation>
    </message>
    <message>
        <source>The numbers of the classes are not known: choose the class raster below.</source>
        <translation>No se conocen los números de las clases: elija abajo el ráster de clases.</translation>
    </message>
    <message>
        <source>No number is left for another class: {} is the largest one.</source>
        <translation>No queda ningún número para otra clase: {} es el mayor.</translation>
    </message>
    <message>
        <source>A class needs a name of 1 to {} characters.</source>
        <translation>Una clase necesita un nombre de 1 a {} caracteres.</translation>
    </message>
    <message>
        <source>There is a class '{}' already: choose it in the list.</source>
        <translation>Ya hay una clase «{}»: elíjala en la lista.</translation>
    </message>
    <message>
        <source>The class '{}' is NOT added: {}. Try again.</source>
        <translation>La clase «{}» NO se ha añadido: {}. Inténtelo de nuevo.</translation>
    </message>
    <message>
        <source>'{}' exists already and may hold judgements: choose another name.</source>
        <translation>«{}» ya existe y puede contener juicios: elija otro nombre.</translation>
    </message>
    <message>
        <source>'{}' was written, yet QGIS does not open it.</source>
        <translation>«{}» se escribió, pero QGIS no lo abre.</translation>
    </message>
    <message>
        <source>the file took other values</source>
        <translation>el archivo tomó otros valores</translation>
    </message>
    <message>
        <source>The region is gone: somebody has deleted it.</source>
        <translation>La región ya no está: alguien la ha borrado.</translation>
    </message>
    <message>
        <source>'{}' lives in memory only and would be lost with QGIS: save it as a GeoPackage to judge.</source>
        <translation>«{}» solo está en memoria y se perdería con QGIS: guárdela como GeoPackage para juzgar.</translation>
    </message>
    <message>
        <source>The file of '{}' was deleted or replaced since it was opened: nothing more is saved. Reopen it.</source>
        <translation>El archivo de «{}» se borró o se sustituyó desde que se abrió: no se guarda nada más. Ábralo de nuevo.</translation>
    </message>
    <message>
        <source>'{}' is read-only: save a copy as a GeoPackage to judge.</source>
        <translation>«{}» es de solo lectura: guarde una copia como GeoPackage para juzgar.</translation>
    </message>
    <message>
        <source>The field '{}' of '{}' must hold {} to keep judgements: rename it (layer properties, Fields).</source>
        <translation>El campo «{}» de «{}» debe contener {} para guardar los juicios: cámbiele el nombre (propiedades de la capa, Campos).</translation>
    </message>
    <message>
        <source>'{}' lacks the fields that keep judgements: {}.</source>
        <translation>A «{}» le faltan los campos que guardan los juicios: {}.</translation>
    </message>
    <message>
        <source>numbers</source>
        <translation>números</translation>
    </message>
    <message>
        <source>text</source>
        <translation>texto</translation>
    </message>
    <message>
        <source>'{}' is being edited: save or cancel the edits (Toggle Editing), then go on. Judgements made so far are saved.</source>
        <translation>«{}» se está editando: guarde o cancele los cambios (Conmutar edición) y después continúe. Los juicios hechos hasta ahora están guardados.</translation>
    </message>
    <message>
        <source>The judgement is NOT saved: {}. Try again.</source>
        <translation>El juicio NO se ha guardado: {}. Inténtelo de nuevo.</translation>
    </message>
    <message>
        <source>the file does not take it</source>
        <translation>el archivo no lo acepta</translation>
    </message>
    <message>
        <source>The number of class '{}' is not known: choose the class raster below.</source>
        <translation>No se conoce el número de la clase «{}»: elija abajo el ráster de clases.</translation>
    </message>
    <message>
        <source>'{}' is in no file: save it as a GeoPackage to add classes.</source>
        <translation>«{}» no está en ningún archivo: guárdela como GeoPackage para añadir clases.</translation>
    </message>
    <message>
        <source>{} has judged this region meanwhile ({}): nothing was changed. Judge again to overrule.</source>
        <translation>{} ha juzgado esta región entretanto ({}): no se cambió nada. Juzgue de nuevo para imponerse.</translation>
    </message>
    <message>
        <source>This point does not show the class of the map: choose the class that it is (keys 1 to 9).</source>
        <translation>Este punto no muestra la clase del mapa: elija la clase que es (teclas 1 a 9).</translation>
    </message>
    <message>
        <source>Choose which class this point is (keys 1 to 9).</source>
        <translation>Elija qué clase es este punto (teclas 1 a 9).</translation>
    </message>
    <message>
        <source>Choose a region first.</source>
        <translation>Primero elija una región.</translation>
    </message>
    <message>
        <source>Somebody else</source>
        <translation>Otra persona</translation>
    </message>
    <message>
        <source>The drawn correction is gone already.</source>
        <translation>La corrección dibujada ya no está.</translation>
    </message>
    <message>
        <source>'{}' is in no file: save it as a GeoPackage to draw corrections beside it.</source>
        <translation>«{}» no está en ningún archivo: guárdela como GeoPackage para dibujar correcciones junto a ella.</translation>
    </message>
    <message>
        <source>That is no area: click at least three corners that are not in one line.</source>
        <translation>Eso no es un área: haga clic en al menos tres esquinas que no estén en línea.</translation>
    </message>
    <message>
        <source>A polygon needs at least three corners: click more, or press Esc.</source>
        <translation>Un polígono necesita al menos tres esquinas: haga clic en más o pulse Esc.</translation>
    </message>
    <message>
        <source>This region has no polygon: the map stays where it is.</source>
        <translation>Esta región no tiene polígono: el mapa se queda donde está.</translation>
    </message>
    <message>
        <source>This region lies where the map's coordinate reference system does not reach: choose another one for the project.</source>
        <translation>Esta región está fuera del alcance del sistema de referencia de coordenadas del mapa: elija otro para el proyecto.</translation>
    </message>
    <message>
        <source>The drawing lies where the CRS of the regions does not reach.</source>
        <translation>El dibujo está fuera del alcance del SRC de las regiones.</translation>
    </message>
    <message>
        <source>Add the fields</source>
        <translation>Añadir los campos</translation>
    </message>
    <message>
        <source>Save as...</source>
        <translation>Guardar como...</translation>
    </message>
    <message>
        <source>Reopen</source>
        <translation>Abrir de nuevo</translation>
    </message>
    <message>
        <source>The regions of '{}' are gone. Choose another layer.</source>
        <translation>Las regiones de «{}» ya no están. Elija otra capa.</translation>
    </message>
    <message>
        <source>A class that the model does not know. Draw it, or judge regions to be it: 'Corrected classes' and 'Training samples' keep its name and colour, so that a model can learn it.</source>
        <translation>Una clase que el modelo no conoce. Dibújela o asígnele regiones: «Clases corregidas» y «Muestras de entrenamiento» conservan su nombre y color, para que un modelo pueda aprenderla.</translation>
    </message>
    <message>
        <source>New class</source>
        <translation>Clase nueva</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Color</translation>
    </message>
    <message>
        <source>Choose above the regions to review. 'Uncertain regions' in the Processing Toolbox makes them.</source>
        <translation>Elija arriba las regiones que se van a revisar. «Regiones inciertas», en la Caja de herramientas de Procesos, las crea.</translation>
    </message>
    <message>
        <source>'{}' has no regions.</source>
        <translation>«{}» no tiene regiones.</translation>
    </message>
    <message>
        <source>no regions</source>
        <translation>ninguna región</translation>
    </message>
    <message>
        <source>{} of {}, {} % of the doubtful area</source>
        <translation>{} de {}, {} % del área dudosa</translation>
    </message>
    <message>
        <source>Classified as {}</source>
        <translation>Clasificada como {}</translation>
    </message>
    <message>
        <source>Judged: {}</source>
        <translation>Juzgada: {}</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} de {}</translation>
    </message>
    <message>
        <source>Part {} of {}: {}</source>
        <translation>Parte {} de {}: {}</translation>
    </message>
    <message>
        <source>{}, then {}</source>
        <translation>{}, luego {}</translation>
    </message>
    <message>
        <source>by {}</source>
        <translation>por {}</translation>
    </message>
    <message>
        <source>(up to {})</source>
        <translation>(hasta {})</translation>
    </message>
    <message>
        <source>R right, S unsure; 1 to 9 choose a class, then W all of it, D or B a part</source>
        <translation>R correcta, S insegura; 1 a 9 eligen una clase, luego W para toda, D o B para una parte</translation>
    </message>
    <message>
        <source>R right, S unsure; 1 to 9 judge at once: it is that class</source>
        <translation>R correcta, S insegura; 1 a 9 juzgan al momento: es esa clase</translation>
    </message>
    <message>
        <source>Draw a part that is the class chosen above: left click sets corners, right click ends, Backspace takes a corner back, Esc drops the drawing</source>
        <translation>Dibujar una parte que es de la clase elegida arriba: el clic izquierdo pone esquinas, el derecho termina, Retroceso quita una esquina, Esc descarta el dibujo</translation>
    </message>
    <message>
        <source>Paint a part that is the class chosen above: hold the left button down; Esc drops the stroke</source>
        <translation>Pintar una parte que es de la clase elegida arriba: mantenga pulsado el botón izquierdo; Esc descarta el trazo</translation>
    </message>
    <message>
        <source>Previous</source>
        <translation>Anterior</translation>
    </message>
    <message>
        <source>Go to the region before</source>
        <translation>Ir a la región anterior</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Siguiente</translation>
    </message>
    <message>
        <source>Go to the region after</source>
        <translation>Ir a la región siguiente</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>Buscar</translation>
    </message>
    <message>
        <source>Show this region on the map again, and flash it</source>
        <translation>Mostrar de nuevo esta región en el mapa y hacerla parpadear</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>Take your last judgement or drawn correction back</source>
        <translation>Retirar su último juicio o su última corrección dibujada</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Correcta</translation>
    </message>
    <message>
        <source>The classes are right in this region</source>
        <translation>Las clases son correctas en esta región</translation>
    </message>
    <message>
        <source>Unsure</source>
        <translation>Insegura</translation>
    </message>
    <message>
        <source>You cannot tell: the region counts as seen and trains nothing</source>
        <translation>No se puede saber: la región cuenta como vista y no entrena nada</translation>
    </message>
    <message>
        <source>Wrong</source>
        <translation>Incorrecta</translation>
    </message>
    <message>
        <source>All of this region is the class chosen below</source>
        <translation>Toda esta región es de la clase elegida abajo</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>Dibujar</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>Pintar</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Imagen</translation>
    </message>
    <message>
        <source>Show or hide the image</source>
        <translation>Mostrar u ocultar la imagen</translation>
    </message>
    <message>
        <source>Show or hide the classes</source>
        <translation>Mostrar u ocultar las clases</translation>
    </message>
    <message>
        <source>Show or hide the uncertainty</source>
        <translation>Mostrar u ocultar la incertidumbre</translation>
    </message>
    <message>
        <source>Go on to the next one</source>
        <translation>Pasar a la siguiente</translation>
    </message>
    <message>
        <source>After a judgement, go to the next region that nobody has judged</source>
        <translation>Después de un juicio, ir a la próxima región que nadie haya juzgado</translation>
    </message>
    <message>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <source>Width of the brush on the screen</source>
        <translation>Anchura del pincel en la pantalla</translation>
    </message>
    <message>
        <source>Your name, which is kept with each of your judgements</source>
        <translation>Su nombre, que se guarda con cada uno de sus juicios</translation>
    </message>
    <message>
        <source>Your name</source>
        <translation>Su nombre</translation>
    </message>
    <message>
        <source>People who share the work take one part each: every second, third ... region</source>
        <translation>Quienes comparten el trabajo toman una parte cada uno: una de cada dos, tres ... regiones</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Mostrar</translation>
    </message>
    <message>
        <source>part</source>
        <translation>parte</translation>
    </message>
    <message>
        <source>of</source>
        <translation>de</translation>
    </message>
    <message>
        <source>Wrong: it is {} ({})</source>
        <translation>Incorrecta: es {} ({})</translation>
    </message>
    <message>
        <source>Wrong: it is ... ({})</source>
        <translation>Incorrecta: es ... ({})</translation>
    </message>
    <message>
        <source>Area</source>
        <translation>Área</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Clase</translation>
    </message>
    <message>
        <source>Judged</source>
        <translation>Juicio</translation>
    </message>
    <message>
        <source>Not judged yet</source>
        <translation>Aún no juzgadas</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Todas</translation>
    </message>
    <message>
        <source>Judged by me</source>
        <translation>Juzgadas por mí</translation>
    </message>
    <message>
        <source>is {}</source>
        <translation>es {}</translation>
    </message>
    <message>
        <source>New class...</source>
        <translation>Clase nueva...</translation>
    </message>
    <message>
        <source>Add a class that the model does not know, for corrections and training samples</source>
        <translation>Añadir una clase que el modelo no conoce, para correcciones y muestras de entrenamiento</translation>
    </message>
    <message>
        <source>Choose below which class it is, or press its digit.</source>
        <translation>Elija abajo de qué clase se trata, o pulse su dígito.</translation>
    </message>
    <message>
        <source>{} is chosen: W if all of the region is it, D or B to draw a part.</source>
        <translation>Se ha elegido {}: W si toda la región lo es, D o B para dibujar una parte.</translation>
    </message>
    <message>
        <source>Choose first which class to draw.</source>
        <translation>Primero elija qué clase se dibuja.</translation>
    </message>
    <message>
        <source>{} square units</source>
        <translation>{} unidades cuadradas</translation>
    </message>
</context>
</TS>
