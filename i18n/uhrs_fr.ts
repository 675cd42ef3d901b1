<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr">
<context>
    <name>UHRS</name>
    <message>
        <source>Accuracy</source>
        <translation>Précision</translation>
    </message>
    <message>
        <source>accuracy assessment,confusion matrix,error matrix,validation,kappa,f1,iou,user's accuracy,producer's accuracy,area estimation,olofsson,ground truth,reference,quality,report</source>
        <translation>évaluation de la précision,matrice de confusion,matrice d'erreur,validation,kappa,F1,IoU,précision pour l'utilisateur,précision pour le producteur,estimation des surfaces,Olofsson,vérité terrain,référence,qualité,rapport</translation>
    </message>
    <message>
        <source>Compares a class map with a reference and tells how right it is: confusion matrix; overall, user's and producer's accuracy, F1 and IoU with 95 % intervals; and the area of each class corrected for the map's errors. The reference is a layer of points or polygons, or another class raster. Points of 'Sample points' carry their strata, which the estimates use; judge them in the review panel first.</source>
        <translation>Compare une carte de classes à une référence et dit à quel point elle est juste : matrice de confusion ; précision globale, de l'utilisateur et du producteur, F1 et IoU avec des intervalles à 95 % ; et la surface de chaque classe corrigée des erreurs de la carte. La référence est une couche de points ou de polygones, ou un autre raster de classes. Les points de « Points d'échantillonnage » portent leurs strates, que les estimations utilisent ; jugez-les d'abord dans le panneau de vérification.</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Classes</translation>
    </message>
    <message>
        <source>The class raster to judge: one band of numbers from 0 to 255.</source>
        <translation>Le raster de classes à juger : une bande de nombres de 0 à 255.</translation>
    </message>
    <message>
        <source>Reference points or polygons</source>
        <translation>Points ou polygones de référence</translation>
    </message>
    <message>
        <source>Places whose class is known, in any coordinate system: points of 'Sample points' that were judged, or any points or polygons with a field for the class. Either this or a reference raster.</source>
        <translation>Lieux dont la classe est connue, dans un système de coordonnées quelconque : points de « Points d'échantillonnage » qui ont été jugés, ou points ou polygones quelconques avec un champ pour la classe. Soit ceci, soit un raster de référence.</translation>
    </message>
    <message>
        <source>Field of the class</source>
        <translation>Champ de la classe</translation>
    </message>
    <message>
        <source>The field that names the class of a place, by name or by number; left empty, the judgements of the review panel count: 'right' is the class that was shown, 'wrong' the class that was chosen.</source>
        <translation>Le champ qui donne la classe d'un lieu, par son nom ou son numéro ; s'il est laissé vide, ce sont les jugements du panneau de vérification : « right » est la classe qui était affichée, « wrong » la classe qui a été choisie.</translation>
    </message>
    <message>
        <source>Reference raster, instead</source>
        <translation>Raster de référence, à la place</translation>
    </message>
    <message>
        <source>A class raster that counts as true, on any grid and in any coordinate system; it is read at the centre of each pixel of the classes.</source>
        <translation>Un raster de classes qui est tenu pour vrai, sur une grille et dans un système de coordonnées quelconques ; il est lu au centre de chaque pixel des classes.</translation>
    </message>
    <message>
        <source>Other names in the reference</source>
        <translation>Autres noms dans la référence</translation>
    </message>
    <message>
        <source>Which class of the map a class of the reference is, where the names differ: 'roof=building; pool=*; shadow='. A star keeps a class of its own that the map never has, nothing leaves the class out.</source>
        <translation>Quelle classe de la carte est une classe de la référence, quand les noms diffèrent : « roof=building; pool=*; shadow= ». Une étoile garde une classe à part que la carte n'a jamais, rien du tout écarte la classe.</translation>
    </message>
    <message>
        <source>Block of the bootstrap, in pixels (default: by the size of the raster)</source>
        <translation>Bloc du bootstrap, en pixels (par défaut : selon la taille du raster)</translation>
    </message>
    <message>
        <source>With a reference raster, intervals come from drawing square blocks of this side with replacement, for neighbouring pixels resemble each other; choose it larger than the largest things in the map.</source>
        <translation>Avec un raster de référence, les intervalles viennent du tirage avec remise de blocs carrés de ce côté, car les pixels voisins se ressemblent ; choisissez-le plus grand que les plus grandes choses de la carte.</translation>
    </message>
    <message>
        <source>The table to write, one row a figure: figure, class (number), name, value, error (standard error), low and high (ends of the 95 % interval), unit.</source>
        <translation>La table à écrire, une ligne par chiffre : figure, class (numéro), name, value, error (erreur type), low et high (bornes de l'intervalle à 95 %), unit.</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Rapport</translation>
    </message>
    <message>
        <source>The report to write, with matrix and bars, one file that needs nothing else (HTML).</source>
        <translation>Le rapport à écrire, avec la matrice et des barres, un fichier qui se suffit à lui-même (HTML).</translation>
    </message>
    <message>
        <source>Confusion matrix</source>
        <translation>Matrice de confusion</translation>
    </message>
    <message>
        <source>The confusion matrix to write: a row for each class of the map, a column for each of the reference (CSV).</source>
        <translation>La matrice de confusion à écrire : une ligne pour chaque classe de la carte, une colonne pour chacune de la référence (CSV).</translation>
    </message>
    <message>
        <source>Everything, for programs</source>
        <translation>Tout, pour des programmes</translation>
    </message>
    <message>
        <source>All figures, the matrix, the facts and the warnings in one file (JSON).</source>
        <translation>Tous les chiffres, la matrice, les faits et les avertissements dans un seul fichier (JSON).</translation>
    </message>
    <message>
        <source>Overall accuracy</source>
        <translation>Précision globale</translation>
    </message>
    <message>
        <source>The share of the area that is right, 0 to 1.</source>
        <translation>La part de la surface qui est juste, de 0 à 1.</translation>
    </message>
    <message>
        <source>Kappa</source>
        <translation>Kappa</translation>
    </message>
    <message>
        <source>Cohen's kappa, for those who ask for it.</source>
        <translation>Le kappa de Cohen, pour ceux qui le demandent.</translation>
    </message>
    <message>
        <source>HTML files (*.html)</source>
        <translation>Fichiers HTML (*.html)</translation>
    </message>
    <message>
        <source>CSV files (*.csv)</source>
        <translation>Fichiers CSV (*.csv)</translation>
    </message>
    <message>
        <source>JSON files (*.json)</source>
        <translation>Fichiers JSON (*.json)</translation>
    </message>
    <message>
        <source>Accuracy of {}</source>
        <translation>Précision de {}</translation>
    </message>
    <message>
        <source>Compare results</source>
        <translation>Comparer des résultats</translation>
    </message>
    <message>
        <source>change detection,difference,comparison,transition,cross tabulation,from-to,two dates,two models,land cover</source>
        <translation>détection de changements,différence,comparaison,transition,tableau croisé,de-vers,deux dates,deux modèles,occupation du sol</translation>
    </message>
    <message>
        <source>Compares two class maps of one place, such as two dates, two models or two settings, on the same or on different grids: which classes became which, how much, and where. With the uncertainties of both runs, changes that one of the maps was unsure of are set apart: most of these are no changes.</source>
        <translation>Compare deux cartes de classes d'un même lieu, par exemple deux dates, deux modèles ou deux réglages, sur la même grille ou sur des grilles différentes : quelles classes sont devenues lesquelles, combien et où. Avec les incertitudes des deux exécutions, les changements dont l'une des cartes était incertaine sont mis à part : la plupart n'en sont pas.</translation>
    </message>
    <message>
        <source>Classes before</source>
        <translation>Classes avant</translation>
    </message>
    <message>
        <source>The first class raster; its grid counts.</source>
        <translation>Le premier raster de classes ; c'est sa grille qui compte.</translation>
    </message>
    <message>
        <source>Classes after</source>
        <translation>Classes après</translation>
    </message>
    <message>
        <source>The second class raster, on any grid and in any coordinate system; it is read at the centre of each pixel of the first.</source>
        <translation>Le second raster de classes, sur une grille et dans un système de coordonnées quelconques ; il est lu au centre de chaque pixel du premier.</translation>
    </message>
    <message>
        <source>Uncertainty before</source>
        <translation>Incertitude avant</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the first classes.</source>
        <translation>Le raster d'incertitude écrit avec les premières classes.</translation>
    </message>
    <message>
        <source>Uncertainty after</source>
        <translation>Incertitude après</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the second classes.</source>
        <translation>Le raster d'incertitude écrit avec les secondes classes.</translation>
    </message>
    <message>
        <source>Unsure from this uncertainty</source>
        <translation>Incertain à partir de cette incertitude</translation>
    </message>
    <message>
        <source>A change counts as unsure when the final uncertainty, 0 (sure) to 1, of one of the maps reaches this number.</source>
        <translation>Un changement est compté comme incertain quand l'incertitude finale, de 0 (sûr) à 1, de l'une des cartes atteint ce nombre.</translation>
    </message>
    <message>
        <source>Other names in the second map</source>
        <translation>Autres noms dans la seconde carte</translation>
    </message>
    <message>
        <source>Which class of the first map a class of the second is, where the names differ: 'roof=building; shadow='. Nothing leaves the class out; classes that are not named and have no match are classes of their own.</source>
        <translation>Quelle classe de la première carte est une classe de la seconde, quand les noms diffèrent : « roof=building; shadow= ». Rien du tout écarte la classe ; les classes qui ne sont pas nommées et n'ont pas de correspondance sont des classes à part.</translation>
    </message>
    <message>
        <source>The raster tells</source>
        <translation>Le raster dit</translation>
    </message>
    <message>
        <source>Either from which class to which (at most 253 pairs), or only where both differ.</source>
        <translation>Soit transitions, de quelle classe à laquelle (253 paires au plus), soit differs, seulement où les deux diffèrent.</translation>
    </message>
    <message>
        <source>Smallest change polygon, in square metres (default: 100 pixels)</source>
        <translation>Plus petit polygone de changement, en mètres carrés (par défaut : 100 pixels)</translation>
    </message>
    <message>
        <source>Smaller polygons become part of their neighbour; in pixels where the raster has no ground.</source>
        <translation>Les polygones plus petits rejoignent leur voisin ; en pixels si le raster n'a pas de position au sol.</translation>
    </message>
    <message>
        <source>Changes by class</source>
        <translation>Changements par classe</translation>
    </message>
    <message>
        <source>The table to write, one row for each pair of classes that occurs: before and after (numbers and names), pixels, area, unit, share of the whole, unsure_share (of the pair's area), and code (number in the raster).</source>
        <translation>La table à écrire, une ligne pour chaque paire de classes présente : avant et après (numéros et noms), pixels, area, unit, share du tout, unsure_share (de la surface de la paire) et code (numéro dans le raster).</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>Changements</translation>
    </message>
    <message>
        <source>The raster to write: 0 where both have the same class, else the number of the pair, and 254 where they differ but one of the maps is unsure.</source>
        <translation>Le raster à écrire : 0 où les deux ont la même classe, sinon le numéro de la paire, et 254 où elles diffèrent mais où l'une des cartes est incertaine.</translation>
    </message>
    <message>
        <source>Change polygons</source>
        <translation>Polygones de changement</translation>
    </message>
    <message>
        <source>What changed, as polygons with their pair of classes and area (GeoPackage or FlatGeobuf); unsure changes are left out.</source>
        <translation>Ce qui a changé, en polygones avec leur paire de classes et leur surface (GeoPackage ou FlatGeobuf) ; les changements incertains sont omis.</translation>
    </message>
    <message>
        <source>All pairs, the classes, the facts and the warnings in one file (JSON).</source>
        <translation>Toutes les paires, les classes, les faits et les avertissements dans un seul fichier (JSON).</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Changé</translation>
    </message>
    <message>
        <source>The share of the area that differs, 0 to 1.</source>
        <translation>La part de la surface qui diffère, de 0 à 1.</translation>
    </message>
    <message>
        <source>Sample points</source>
        <translation>Points d'échantillonnage</translation>
    </message>
    <message>
        <source>sampling,random points,stratified,validation,ground truth,accuracy assessment,reference,probability sample,allocation,quality</source>
        <translation>échantillonnage,points aléatoires,stratifié,validation,vérité terrain,évaluation de la précision,référence,échantillon probabiliste,allocation,qualité</translation>
    </message>
    <message>
        <source>Draws random points from a class map: judge them one by one in the review panel, and 'Accuracy' tells how right the map is and how large the classes are in truth. Points carry their stratum and its size, so that 'Accuracy' knows how they were drawn. They lie in the centres of pixels with a class, each pixel at most once.</source>
        <translation>Tire des points au hasard d'une carte de classes : jugez-les un par un dans le panneau de vérification, et « Précision » dit à quel point la carte est juste et quelle est la vraie surface des classes. Les points portent leur strate et sa taille, si bien que « Précision » sait comment ils ont été tirés. Ils se trouvent au centre de pixels qui ont une classe, chaque pixel une fois au plus.</translation>
    </message>
    <message>
        <source>The class raster to judge, as 'Segment raster' writes it.</source>
        <translation>Le raster de classes à juger, tel que l'écrit « Segmenter un raster ».</translation>
    </message>
    <message>
        <source>Uncertainty</source>
        <translation>Incertitude</translation>
    </message>
    <message>
        <source>The uncertainty raster of the same run: for strata of uncertainty, for optimal shares, and to show at each point.</source>
        <translation>Le raster d'incertitude de la même exécution : pour des strates d'incertitude, pour des parts optimales, et à montrer à chaque point.</translation>
    </message>
    <message>
        <source>Band of the uncertainty (default: 1, U)</source>
        <translation>Bande de l'incertitude (par défaut : 1, U)</translation>
    </message>
    <message>
        <source>Which uncertainty counts: 1, that of the coarse view (U), or 2, the final one.</source>
        <translation>L'incertitude qui compte : 1, celle de la vue grossière (U), ou 2, la finale.</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>Points</translation>
    </message>
    <message>
        <source>How many points to draw: with 200 the overall accuracy is known to about 5 per cent, with 800 to 2.5.</source>
        <translation>Combien de points tirer : avec 200, la précision globale est connue à environ 5 pour cent, avec 800 à 2,5.</translation>
    </message>
    <message>
        <source>Drawn from</source>
        <translation>Tirés de</translation>
    </message>
    <message>
        <source>What points are drawn from one by one: each class of the map; levels of uncertainty (the surest half of the area, and ever smaller parts of the rest); or none, the whole map.</source>
        <translation>D'où les points sont tirés un par un : class, de chaque classe de la carte ; uncertainty, de niveaux d'incertitude (la moitié la plus sûre de la surface, puis des parties de plus en plus petites du reste) ; ou none, de toute la carte.</translation>
    </message>
    <message>
        <source>Shares</source>
        <translation>Parts</translation>
    </message>
    <message>
        <source>How the points are shared: proportional to the area, best for the overall accuracy; equal, best for the accuracy of each class; optimal, by area and expected errors.</source>
        <translation>Comment les points sont répartis : proportional, selon la surface, le meilleur pour la précision globale ; equal, autant dans chacune, le meilleur pour la précision de chaque classe ; optimal, selon la surface et les erreurs attendues.</translation>
    </message>
    <message>
        <source>Least number in each</source>
        <translation>Nombre minimal dans chacune</translation>
    </message>
    <message>
        <source>Every class or level gets at least so many points, as far as it has pixels: rare classes would get none else.</source>
        <translation>Chaque classe ou niveau reçoit au moins ce nombre de points, dans la mesure où il a des pixels : les classes rares n'en auraient sinon aucun.</translation>
    </message>
    <message>
        <source>Expected accuracies, for optimal shares</source>
        <translation>Précisions attendues, pour des parts optimales</translation>
    </message>
    <message>
        <source>How right each class is thought to be, from 0 to 1, such as 'road=0.7; building=0.9'; what is left out is taken from the mean uncertainty.</source>
        <translation>À quel point chaque classe est supposée juste, de 0 à 1, par exemple « road=0.7; building=0.9 » ; ce qui manque est pris de l'incertitude moyenne.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Graine</translation>
    </message>
    <message>
        <source>The same number draws the same points from the same raster; another one draws others.</source>
        <translation>Le même nombre tire les mêmes points du même raster ; un autre en tire d'autres.</translation>
    </message>
    <message>
        <source>Do not tell the map's class</source>
        <translation>Ne pas dire la classe de la carte</translation>
    </message>
    <message>
        <source>Points hide the class of the map, so that it does not sway who judges them: then each is judged by the key of its class, and hide the layer of the classes too.</source>
        <translation>Les points cachent la classe de la carte, pour qu'elle n'influence pas la personne qui juge : chacun est alors jugé par la touche de sa classe ; masquez aussi la couche des classes.</translation>
    </message>
    <message>
        <source>The layer to write, one feature a point, in random order, with rank, mean_u (uncertainty, 0 to 1), class, stratum with its name, pixels and area, and status ('open'); choose a GeoPackage to keep the judgements.</source>
        <translation>La couche à écrire, une entité par point, dans un ordre aléatoire, avec rank, mean_u (incertitude, de 0 à 1), class, la strate avec son nom, ses pixels et sa surface, et status (« open ») ; choisissez un GeoPackage pour garder les jugements.</translation>
    </message>
    <message>
        <source>How many points were drawn.</source>
        <translation>Combien de points ont été tirés.</translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation>Segmentation</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>Vérification</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Aide</translation>
    </message>
    <message>
        <source>Cancelled: nothing was written.</source>
        <translation>Annulé : rien n'a été écrit.</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Paramètres</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>Rendus</translation>
    </message>
    <message>
        <source>'{}' is no GeoTIFF by its name: end the name of {} with .tif or .tiff.</source>
        <translation>« {} » n'est pas un GeoTIFF d'après son nom : terminez le nom de {} par .tif ou .tiff.</translation>
    </message>
    <message>
        <source>The algorithm was not prepared: run it through Processing.</source>
        <translation>L'algorithme n'a pas été préparé : exécutez-le depuis le menu Traitement.</translation>
    </message>
    <message>
        <source>Raster from a basemap</source>
        <translation>Raster à partir d'un fond de carte</translation>
    </message>
    <message>
        <source>basemap,xyz,tiles,wms,wmts,web map,imagery,download,satellite,aerial</source>
        <translation>fond de carte,basemap,xyz,tuiles,wms,wmts,carte web,imagerie,télécharger,satellite,aérienne</translation>
    </message>
    <message>
        <source>Reads a part of a basemap (XYZ tiles, WMS, WMTS) at a chosen pixel size into a GeoTIFF, which can then be segmented. Whether the imagery may be stored and analysed is decided by the terms of its service: look them up first. The attribution of the layer is written into the file.</source>
        <translation>Lit une partie d'un fond de carte (tuiles XYZ, WMS, WMTS) à une taille de pixel choisie dans un GeoTIFF, qui peut ensuite être segmenté. Les conditions du service décident si l'imagerie peut être enregistrée et analysée : les consulter d'abord. L'attribution de la couche est écrite dans le fichier.</translation>
    </message>
    <message>
        <source>Basemap</source>
        <translation>Fond de carte</translation>
    </message>
    <message>
        <source>A layer that a service draws: XYZ tiles, WMS or WMTS.</source>
        <translation>Une couche dessinée par un service : tuiles XYZ, WMS ou WMTS.</translation>
    </message>
    <message>
        <source>Extent</source>
        <translation>Emprise</translation>
    </message>
    <message>
        <source>The part to read; an extent in another coordinate system is transformed.</source>
        <translation>La partie à lire ; une emprise dans un autre système de coordonnées est transformée.</translation>
    </message>
    <message>
        <source>Pixel size in metres</source>
        <translation>Taille de pixel en mètres</translation>
    </message>
    <message>
        <source>The side of a pixel on the ground. Where the service has zoom levels, the pixels of the nearest one are taken as they are.</source>
        <translation>Le côté d'un pixel au sol. Si le service a des niveaux de zoom, les pixels du plus proche sont pris tels quels.</translation>
    </message>
    <message>
        <source>Most tiles</source>
        <translation>Nombre maximal de tuiles</translation>
    </message>
    <message>
        <source>The run does not begin where it would ask the service for more tiles than this.</source>
        <translation>L'exécution ne commence pas si elle demandait au service plus de tuiles.</translation>
    </message>
    <message>
        <source>Raster</source>
        <translation>Raster</translation>
    </message>
    <message>
        <source>The raster to write: red, green, blue, and alpha, which is 0 where no tile came (GeoTIFF).</source>
        <translation>Le raster à écrire : rouge, vert, bleu et alpha, qui vaut 0 là où aucune tuile n'est arrivée (GeoTIFF).</translation>
    </message>
    <message>
        <source>Tiles</source>
        <translation>Tuiles</translation>
    </message>
    <message>
        <source>Tiles that were read.</source>
        <translation>Tuiles qui ont été lues.</translation>
    </message>
    <message>
        <source>Missing tiles</source>
        <translation>Tuiles manquantes</translation>
    </message>
    <message>
        <source>Tiles that did not come, or are empty: they are no data.</source>
        <translation>Tuiles qui ne sont pas arrivées ou sont vides : elles sont sans données.</translation>
    </message>
    <message>
        <source>Pixel size</source>
        <translation>Taille du pixel</translation>
    </message>
    <message>
        <source>The side of a pixel on the ground in metres, as it was read.</source>
        <translation>Le côté d'un pixel au sol en mètres, tel que lu.</translation>
    </message>
    <message>
        <source>{} of {} tiles did not come or are empty, and are no data. {}</source>
        <translation>{} tuiles sur {} ne sont pas arrivées ou sont vides, et sont sans données. {}</translation>
    </message>
    <message>
        <source>The layer names no attribution: look up the terms of its service before you use the imagery.</source>
        <translation>La couche n'indique aucune attribution : consultez les conditions de son service avant d'utiliser l'imagerie.</translation>
    </message>
    <message>
        <source>{} x {} pixels of {} m: {} tiles are asked for.</source>
        <translation>{} x {} pixels de {} m : {} tuiles sont demandées.</translation>
    </message>
    <message>
        <source>The service has no zoom level near {} m: pixels of {} m are read.</source>
        <translation>Le service n'a pas de niveau de zoom proche de {} m : des pixels de {} m sont lus.</translation>
    </message>
    <message>
        <source>Attribution: {}</source>
        <translation>Attribution : {}</translation>
    </message>
    <message>
        <source>Class areas</source>
        <translation>Surfaces des classes</translation>
    </message>
    <message>
        <source>land cover,area,share,statistics,zonal,histogram,unique values,hectares,uncertainty,report,classification</source>
        <translation>occupation du sol,surface,part,statistiques,zonal,histogramme,valeurs uniques,hectares,incertitude,rapport,classification</translation>
    </message>
    <message>
        <source>Measures the area and the share of each class of a class raster, over the whole and inside each polygon of an optional layer, with the part that is uncertain. Areas are those on the ground, on the ellipsoid of the raster's coordinate reference system (in the plane of the map where the project measures planimetrically), in the project's unit. The result is a table, and a report with bars for reading and printing.</source>
        <translation>Mesure la surface et la part de chaque classe d'un raster de classes, au total et dans chaque polygone d'une couche facultative, avec la partie qui est incertaine. Les surfaces sont celles du terrain, sur l'ellipsoïde du système de coordonnées de référence du raster (dans le plan de la carte si le projet mesure en planimétrie), dans l'unité du projet. Le résultat est une table et un rapport avec des barres, à lire et à imprimer.</translation>
    </message>
    <message>
        <source>A class raster as 'Segment raster' writes it: one band of numbers from 0 to 255.</source>
        <translation>Un raster de classes tel que l'écrit « Segmenter un raster » : une bande de nombres de 0 à 255.</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the classes; left empty, nothing is said about uncertainty.</source>
        <translation>Le raster d'incertitude écrit avec les classes ; s'il est laissé vide, rien n'est dit de l'incertitude.</translation>
    </message>
    <message>
        <source>Band of the uncertainty (default: 2, the final one)</source>
        <translation>Bande de l'incertitude (par défaut : 2, la finale)</translation>
    </message>
    <message>
        <source>Which uncertainty counts: 2, the final one, after refining; or 1, that of the coarse view (U).</source>
        <translation>L'incertitude qui compte : 2, la finale, après le raffinement ; ou 1, celle de la vue grossière (U).</translation>
    </message>
    <message>
        <source>A pixel counts as unsure when its uncertainty, 0 (sure) to 1, reaches this number.</source>
        <translation>Un pixel est compté comme incertain quand son incertitude, de 0 (sûr) à 1, atteint ce nombre.</translation>
    </message>
    <message>
        <source>Zones</source>
        <translation>Zones</translation>
    </message>
    <message>
        <source>Polygons to measure apart, in any coordinate system; a pixel belongs to the polygons that hold its centre.</source>
        <translation>Polygones à mesurer séparément, dans un système de coordonnées quelconque ; un pixel appartient aux polygones qui contiennent son centre.</translation>
    </message>
    <message>
        <source>Field that names the zones</source>
        <translation>Champ qui nomme les zones</translation>
    </message>
    <message>
        <source>The field whose value names a zone in table and report; left empty, the feature's id.</source>
        <translation>Le champ dont la valeur nomme une zone dans la table et le rapport ; s'il est laissé vide, l'ID de l'entité.</translation>
    </message>
    <message>
        <source>The table to write, one row a class for the whole raster and for each zone: zone, class (number), name, pixels, area, unit, share and unsure_share (both 0 to 1).</source>
        <translation>La table à écrire, une ligne par classe pour tout le raster et pour chaque zone : zone, class (numéro), name, pixels, area, unit, share et unsure_share (ces deux de 0 à 1).</translation>
    </message>
    <message>
        <source>The report to write, one file that needs nothing else (HTML).</source>
        <translation>Le rapport à écrire, un fichier qui se suffit à lui-même (HTML).</translation>
    </message>
    <message>
        <source>Clean classes</source>
        <translation>Nettoyer les classes</translation>
    </message>
    <message>
        <source>sieve,majority,mode,filter,specks,noise,salt and pepper,smooth,regularize,land cover,classification</source>
        <translation>tamiser,majorité,mode,filtre,taches,bruit,poivre et sel,lisser,régulariser,occupation du sol,classification</translation>
    </message>
    <message>
        <source>Removes specks from a class raster: patches that are too small become part of the neighbour with the longest border. Before, each pixel can get the most frequent class around it, which smooths ragged borders. Palette, class names and grid stay, and so do pixels without data.</source>
        <translation>Supprime les taches d'un raster de classes : les taches trop petites rejoignent le voisin avec la plus longue limite commune. Avant cela, chaque pixel peut recevoir la classe la plus fréquente autour de lui, ce qui lisse les bords irréguliers. La palette, les noms des classes et la grille restent, de même que les pixels sans données.</translation>
    </message>
    <message>
        <source>Smallest patch, in square metres (default: 100 pixels)</source>
        <translation>Plus petite tache, en mètres carrés (par défaut : 100 pixels)</translation>
    </message>
    <message>
        <source>Smaller ones become part of the neighbour with the longest border; 0 keeps all. Pixels where the raster has no coordinate reference system.</source>
        <translation>Les plus petites rejoignent le voisin avec la plus longue limite commune ; 0 les garde toutes. En pixels si le raster n'a pas de système de coordonnées de référence.</translation>
    </message>
    <message>
        <source>Square of the majority, in pixels (0: none)</source>
        <translation>Carré de la majorité, en pixels (0 : aucun)</translation>
    </message>
    <message>
        <source>Side of the square around each pixel whose most frequent class it gets: an odd number from 3.</source>
        <translation>Côté du carré autour de chaque pixel, dont il reçoit la classe la plus fréquente : un nombre impair à partir de 3.</translation>
    </message>
    <message>
        <source>Cleaned classes</source>
        <translation>Classes nettoyées</translation>
    </message>
    <message>
        <source>The class raster to write (GeoTIFF); the one that is read is left as it is.</source>
        <translation>Le raster de classes à écrire (GeoTIFF) ; celui qui est lu reste tel quel.</translation>
    </message>
    <message>
        <source>Changed pixels</source>
        <translation>Pixels modifiés</translation>
    </message>
    <message>
        <source>How many pixels have another class now.</source>
        <translation>Combien de pixels ont maintenant une autre classe.</translation>
    </message>
    <message>
        <source>Patches</source>
        <translation>Taches</translation>
    </message>
    <message>
        <source>How many patches of one class are left.</source>
        <translation>Combien de taches d'une seule classe restent.</translation>
    </message>
    <message>
        <source>Class polygons</source>
        <translation>Polygones des classes</translation>
    </message>
    <message>
        <source>polygonize,vectorize,vector,outline,buildings,roofs,footprints,roads,land cover,classification,generalize,simplify,smooth,sieve,geopackage,flatgeobuf</source>
        <translation>polygoniser,vectoriser,vecteur,contour,bâtiments,toits,emprises au sol,routes,occupation du sol,classification,généraliser,simplifier,lisser,tamiser,GeoPackage,FlatGeobuf</translation>
    </message>
    <message>
        <source>Outlines the classes of a class raster as polygons with name, area on the ground and uncertainty. Neighbours share their borders, so that there are neither gaps nor slivers; specks become part of the neighbour with the longest border, and nothing of the raster gets lost. Rasters may have any size.</source>
        <translation>Délimite les classes d'un raster de classes en polygones avec nom, surface au sol et incertitude. Les voisins partagent leurs limites, il n'y a donc ni trous ni éclats ; les taches rejoignent le voisin avec la plus longue limite commune, et rien du raster n'est perdu. Les rasters peuvent être de taille quelconque.</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the classes; left empty, the fields about it stay empty.</source>
        <translation>Le raster d'incertitude écrit avec les classes ; s'il est laissé vide, les champs correspondants restent vides.</translation>
    </message>
    <message>
        <source>Classes to outline (default: all)</source>
        <translation>Classes à délimiter (par défaut : toutes)</translation>
    </message>
    <message>
        <source>Names or numbers of classes, separated by commas: 'building, road'; the others are left out.</source>
        <translation>Noms ou numéros de classes, séparés par des virgules : « building, road » ; les autres sont omises.</translation>
    </message>
    <message>
        <source>Smallest polygon, in square metres (default: 100 pixels)</source>
        <translation>Plus petit polygone, en mètres carrés (par défaut : 100 pixels)</translation>
    </message>
    <message>
        <source>Smallest hole, in square metres (default: as the smallest polygon)</source>
        <translation>Plus petit trou, en mètres carrés (par défaut : comme le plus petit polygone)</translation>
    </message>
    <message>
        <source>Smaller holes are filled, whatever class is in them; holes without data stay.</source>
        <translation>Les trous plus petits sont remplis, quelle que soit la classe qu'ils contiennent ; les trous sans données restent.</translation>
    </message>
    <message>
        <source>Smoothing, in pixels</source>
        <translation>Lissage, en pixels</translation>
    </message>
    <message>
        <source>How far a smoothed border may be from where the raster has it; 0 follows the sides of pixels. Where data end, borders stay as they are.</source>
        <translation>À quelle distance de celle du raster une limite lissée peut se trouver ; 0 suit les côtés des pixels. Là où les données finissent, les limites restent telles quelles.</translation>
    </message>
    <message>
        <source>Classes with right angles</source>
        <translation>Classes à angles droits</translation>
    </message>
    <message>
        <source>Names or numbers of classes, such as buildings, whose outlines get right angles along their main direction where that keeps them near their borders; where it does not, they are smoothed like others. Best with these classes alone: borders at which three polygons meet stay smoothed.</source>
        <translation>Noms ou numéros de classes, par exemple de bâtiments, dont les contours reçoivent des angles droits le long de leur direction principale, là où ils restent ainsi près de leurs limites ; sinon ils sont lissés comme les autres. Au mieux avec ces classes seules : les limites où trois polygones se rencontrent restent lissées.</translation>
    </message>
    <message>
        <source>Largest shift for right angles, in pixels</source>
        <translation>Plus grand écart pour les angles droits, en pixels</translation>
    </message>
    <message>
        <source>How far an outline with right angles may be from its border.</source>
        <translation>À quelle distance de sa limite un contour à angles droits peut se trouver.</translation>
    </message>
    <message>
        <source>A pixel counts as unsure when its final uncertainty, 0 (sure) to 1, reaches this number.</source>
        <translation>Un pixel est compté comme incertain quand son incertitude finale, de 0 (sûr) à 1, atteint ce nombre.</translation>
    </message>
    <message>
        <source>The file to write, GeoPackage (.gpkg) or FlatGeobuf (.fgb), one feature a polygon: class (number), name, area_m2 (on the ground), pixels, mean_u and mean_final (uncertainty 0 to 1) and unsure_share (0 to 1).</source>
        <translation>Le fichier à écrire, GeoPackage (.gpkg) ou FlatGeobuf (.fgb), une entité par polygone : class (numéro), name, area_m2 (au sol), pixels, mean_u et mean_final (incertitude de 0 à 1) et unsure_share (de 0 à 1).</translation>
    </message>
    <message>
        <source>What was made, for programs: polygons and areas by class, and how far borders moved (JSON).</source>
        <translation>Ce qui a été fait, pour des programmes : polygones et surfaces par classe, et de combien les limites ont bougé (JSON).</translation>
    </message>
    <message>
        <source>Polygons</source>
        <translation>Polygones</translation>
    </message>
    <message>
        <source>How many polygons were written.</source>
        <translation>Combien de polygones ont été écrits.</translation>
    </message>
    <message>
        <source>Largest shift</source>
        <translation>Plus grand écart</translation>
    </message>
    <message>
        <source>How far a border of the raster is from those of the polygons, in pixels.</source>
        <translation>À quelle distance une limite du raster se trouve de celles des polygones, en pixels.</translation>
    </message>
    <message>
        <source>Corrected classes</source>
        <translation>Classes corrigées</translation>
    </message>
    <message>
        <source>review,correct,edit,burn,rasterize,land cover,classification,labels,fix,post-processing</source>
        <translation>vérification,corriger,éditer,rasteriser,occupation du sol,classification,étiquettes,post-traitement</translation>
    </message>
    <message>
        <source>Burns the judgements of a review and the corrections that were drawn into a copy of the class raster. The copy has the same grid, classes and colours; pixels without data stay so. Regions judged 'wrong' become their new class; corrections win over regions, and in each layer later features win over earlier ones.</source>
        <translation>Reporte les jugements d'une vérification et les corrections dessinées dans une copie du raster de classes. La copie a la même grille, les mêmes classes et les mêmes couleurs ; les pixels sans données le restent. Les régions jugées fausses prennent leur nouvelle classe ; les corrections l'emportent sur les régions, et dans chaque couche les dernières entités sur les premières.</translation>
    </message>
    <message>
        <source>The class raster that was reviewed, as 'Segment raster' wrote it.</source>
        <translation>Le raster de classes qui a été vérifié, tel que l'a écrit « Segmenter un raster ».</translation>
    </message>
    <message>
        <source>The class raster to write (GeoTIFF); the reviewed one is left as it is.</source>
        <translation>Le raster de classes à écrire (GeoTIFF) ; celui qui a été vérifié reste tel quel.</translation>
    </message>
    <message>
        <source>Judged pixels</source>
        <translation>Pixels jugés</translation>
    </message>
    <message>
        <source>How many pixels with data lie in judged regions and corrections.</source>
        <translation>Combien de pixels avec des données se trouvent dans les régions jugées et les corrections.</translation>
    </message>
    <message>
        <source>Judged regions</source>
        <translation>Régions jugées</translation>
    </message>
    <message>
        <source>The layer of regions that was reviewed, with the fields 'status' ('right', 'wrong', ...) and 'new_class' (the number of the class that a wrong region is).</source>
        <translation>La couche des régions qui a été vérifiée, avec les champs « status » (« right », « wrong », ...) et « new_class » (le numéro de la classe d'une région fausse).</translation>
    </message>
    <message>
        <source>Drawn corrections</source>
        <translation>Corrections dessinées</translation>
    </message>
    <message>
        <source>The polygons that were drawn in the review, the table 'corrections' beside the regions, with the field 'class' (the number of the class).</source>
        <translation>Les polygones dessinés pendant la vérification, la table « corrections » à côté des régions, avec le champ « class » (le numéro de la classe).</translation>
    </message>
    <message>
        <source>Training samples</source>
        <translation>Échantillons d'entraînement</translation>
    </message>
    <message>
        <source>review,training,labels,masks,chips,tiles,crops,patches,deep learning,fine-tune,active learning,dataset</source>
        <translation>vérification,entraînement,étiquettes,masques,vignettes,tuiles,extraits,apprentissage profond,affinage,apprentissage actif,jeu de données</translation>
    </message>
    <message>
        <source>Cuts pieces of the image around all that was judged in a review, each with a label image that holds the right class where somebody said so and 'not judged' (255) elsewhere: the class raster's own class in regions that are 'right', the new class in 'wrong' ones, the drawn class in corrections. The folder is what training/train.py reads with training/configs/folder.yaml.</source>
        <translation>Découpe des morceaux de l'image autour de tout ce qui a été jugé pendant une vérification, chacun avec une image d'étiquettes qui contient la bonne classe là où quelqu'un l'a dite et « non jugé » (255) ailleurs : la classe du raster dans les régions justes, la nouvelle classe dans les fausses, la classe dessinée dans les corrections. Le dossier est celui que lit training/train.py avec training/configs/folder.yaml.</translation>
    </message>
    <message>
        <source>The raster that was segmented, of any number of bands, in 8 or 16 bits or any other type.</source>
        <translation>Le raster qui a été segmenté, avec un nombre quelconque de bandes, en 8 ou 16 bits ou d'un autre type.</translation>
    </message>
    <message>
        <source>The class raster that was reviewed; it lies on the pixels of the raster.</source>
        <translation>Le raster de classes qui a été vérifié ; il se superpose aux pixels du raster.</translation>
    </message>
    <message>
        <source>Bands in the model's order (default: all but alpha)</source>
        <translation>Bandes dans l'ordre du modèle (par défaut : toutes sauf alpha)</translation>
    </message>
    <message>
        <source>The bands that the model sees, in its order (red, green, blue for the bundled one).</source>
        <translation>Les bandes que voit le modèle, dans son ordre (rouge, vert, bleu pour celui qui est fourni).</translation>
    </message>
    <message>
        <source>Side of a sample, in pixels</source>
        <translation>Côté d'un échantillon, en pixels</translation>
    </message>
    <message>
        <source>Samples of at least the training's crop (640 in folder.yaml) are used as they are, smaller ones are magnified.</source>
        <translation>Les échantillons au moins aussi grands que l'extrait de l'entraînement (640 dans folder.yaml) sont pris tels quels, les plus petits sont agrandis.</translation>
    </message>
    <message>
        <source>Share for validation</source>
        <translation>Part pour la validation</translation>
    </message>
    <message>
        <source>The share of the samples (0 to 0.5) that training is measured on instead of learning from them: with 0.2 the second of every five.</source>
        <translation>La part des échantillons (0 à 0.5) sur laquelle l'entraînement est mesuré au lieu d'en apprendre : avec 0.2, le deuxième sur cinq.</translation>
    </message>
    <message>
        <source>Add to the samples in the folder</source>
        <translation>Ajouter aux échantillons du dossier</translation>
    </message>
    <message>
        <source>Adds to a folder that this algorithm has filled before, so that several rasters make one set; samples that it holds of the same raster are replaced.</source>
        <translation>Ajoute à un dossier que cet algorithme a déjà rempli, pour que plusieurs rasters forment un seul jeu ; les échantillons du même raster qu'il contient sont remplacés.</translation>
    </message>
    <message>
        <source>Folder of samples</source>
        <translation>Dossier des échantillons</translation>
    </message>
    <message>
        <source>A new or empty folder, unless samples are added: classes.yaml, train/ and val/ with images/ and labels/, and samples.json, the list of what came from where.</source>
        <translation>Un dossier nouveau ou vide, sauf en cas d'ajout : classes.yaml, train/ et val/ avec images/ et labels/, et samples.json, la liste des origines.</translation>
    </message>
    <message>
        <source>How many samples of this raster are for training.</source>
        <translation>Combien d'échantillons de ce raster servent à l'entraînement.</translation>
    </message>
    <message>
        <source>Validation samples</source>
        <translation>Échantillons de validation</translation>
    </message>
    <message>
        <source>How many samples of this raster are for validation.</source>
        <translation>Combien d'échantillons de ce raster servent à la validation.</translation>
    </message>
    <message>
        <source>How many pixels are labelled.</source>
        <translation>Combien de pixels ont une étiquette.</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>Diagnostic</translation>
    </message>
    <message>
        <source>version,install,onnxruntime,gpu,device,speed,benchmark,bug report,troubleshooting</source>
        <translation>version,installation,onnxruntime,GPU,périphérique,vitesse,performance,rapport d'anomalie,dépannage</translation>
    </message>
    <message>
        <source>Lists the versions of everything that takes part, the devices that were found, and the speed of a short run of the bundled model on a generated raster. What is broken is told, not stumbled over. The text is for a bug report: it holds no paths, names, layers or projects of yours, and it is not sent anywhere.</source>
        <translation>Liste les versions de tout ce qui intervient, les périphériques trouvés et la vitesse d'une courte exécution du modèle fourni sur un raster généré. Ce qui ne fonctionne pas est signalé. Le texte est destiné à un rapport d'anomalie : il ne contient ni vos chemins, ni vos noms, ni vos couches, ni vos projets, et il n'est envoyé nulle part.</translation>
    </message>
    <message>
        <source>Device to test</source>
        <translation>Périphérique à tester</translation>
    </message>
    <message>
        <source>Where the short run computes: auto takes the best that is found.</source>
        <translation>Où calcule la courte exécution : auto prend le meilleur trouvé.</translation>
    </message>
    <message>
        <source>A file for the text, for reading (*.html) or for pasting (*.txt).</source>
        <translation>Un fichier pour le texte, à lire (*.html) ou à coller (*.txt).</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Texte</translation>
    </message>
    <message>
        <source>The lines, to paste into a bug report.</source>
        <translation>Les lignes, à coller dans un rapport d'anomalie.</translation>
    </message>
    <message>
        <source>Works</source>
        <translation>Fonctionne</translation>
    </message>
    <message>
        <source>Whether nothing was found broken.</source>
        <translation>Si aucune anomalie n'a été trouvée.</translation>
    </message>
    <message>
        <source>HTML (*.html);;Text (*.txt)</source>
        <translation>HTML (*.html);;Texte (*.txt)</translation>
    </message>
    <message>
        <source>{} Or copy the lines above.</source>
        <translation>{} Ou copiez les lignes ci-dessus.</translation>
    </message>
    <message>
        <source>Import model</source>
        <translation>Importer un modèle</translation>
    </message>
    <message>
        <source>onnx,import,neural network,deep learning,own network,custom model,deepness,pytorch,u-net,deeplab,segformer</source>
        <translation>onnx,importer,réseau de neurones,apprentissage profond,propre réseau,modèle personnalisé,deepness,pytorch,u-net,deeplab,segformer</translation>
    </message>
    <message>
        <source>Makes a model of any segmentation network in ONNX, so that 'Segment raster' offers it by name. What the file tells (also in the way of the plugin Deepness) and what a short run of it tells need not be given; what is missing is asked for in one line.</source>
        <translation>Fait d'un réseau de segmentation quelconque en ONNX un modèle que « Segmenter un raster » propose par son nom. Ce que dit le fichier (aussi à la manière de l'extension Deepness) et ce que montre une courte exécution n'ont pas à être indiqués ; ce qui manque est demandé en une ligne.</translation>
    </message>
    <message>
        <source>Network (ONNX)</source>
        <translation>Réseau (ONNX)</translation>
    </message>
    <message>
        <source>A file with one image as input and one score for each class and pixel as output; its weights must be inside.</source>
        <translation>Un fichier avec une image en entrée et un score par classe et par pixel en sortie ; ses poids doivent s'y trouver.</translation>
    </message>
    <message>
        <source>Name of the model</source>
        <translation>Nom du modèle</translation>
    </message>
    <message>
        <source>By which 'Segment raster' will offer it; left empty, the name of the file.</source>
        <translation>Sous lequel « Segmenter un raster » le proposera ; laissé vide, le nom du fichier.</translation>
    </message>
    <message>
        <source>Classes, in the network's order</source>
        <translation>Classes, dans l'ordre du réseau</translation>
    </message>
    <message>
        <source>Names separated by commas, perhaps with colours: water=1F78B4,land,road. Left empty, those in the file.</source>
        <translation>Noms séparés par des virgules, éventuellement avec des couleurs : eau=1F78B4,sol,route. Laissé vide, ceux du fichier.</translation>
    </message>
    <message>
        <source>Bands, in the network's order</source>
        <translation>Bandes, dans l'ordre du réseau</translation>
    </message>
    <message>
        <source>Roles or names separated by commas, such as red,green,blue or red,green,blue,nir. Left empty, red,green,blue for a file of Deepness with three bands.</source>
        <translation>Rôles ou noms séparés par des virgules, comme red,green,blue ou red,green,blue,nir. Laissé vide, red,green,blue pour un fichier de Deepness à trois bandes.</translation>
    </message>
    <message>
        <source>Pixel size in metres, or any</source>
        <translation>Taille de pixel en mètres, ou any</translation>
    </message>
    <message>
        <source>The pixel size of the imagery that the network was trained on: other rasters are read at it; any where it does not matter. Left empty, what the file says.</source>
        <translation>La taille de pixel des images sur lesquelles le réseau a été entraîné : les autres rasters sont lus à celle-ci ; any si elle est indifférente. Laissé vide, ce que dit le fichier.</translation>
    </message>
    <message>
        <source>Divisor of the numbers</source>
        <translation>Diviseur des nombres</translation>
    </message>
    <message>
        <source>What the raster's numbers are divided by before the mean is subtracted: 255 for networks that take 0 to 1, 1 for those that take the numbers as they are. Left empty, it follows from mean and std.</source>
        <translation>Par quoi les nombres du raster sont divisés avant que la moyenne soit soustraite : 255 pour les réseaux qui prennent 0 à 1, 1 pour ceux qui prennent les nombres tels quels. Laissé vide, il découle de la moyenne et de l'écart type.</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>Moyenne</translation>
    </message>
    <message>
        <source>What is subtracted then: one number, or one for each band, such as 0.485,0.456,0.406.</source>
        <translation>Ce qui est ensuite soustrait : un nombre, ou un par bande, comme 0.485,0.456,0.406.</translation>
    </message>
    <message>
        <source>Standard deviation</source>
        <translation>Écart type</translation>
    </message>
    <message>
        <source>What the difference is divided by: one number, or one for each band, such as 0.229,0.224,0.225.</source>
        <translation>Par quoi la différence est divisée : un nombre, ou un par bande, comme 0.229,0.224,0.225.</translation>
    </message>
    <message>
        <source>Margin of the windows, in pixels</source>
        <translation>Marge des fenêtres, en pixels</translation>
    </message>
    <message>
        <source>How much of each window is thrown away along its borders, where the network lacks surroundings. Left empty, what the file says, else measured.</source>
        <translation>Combien de chaque fenêtre est rejeté le long de ses bords, où l'entourage manque au réseau. Laissé vide, ce que dit le fichier, sinon mesuré.</translation>
    </message>
    <message>
        <source>First look</source>
        <translation>Premier regard</translation>
    </message>
    <message>
        <source>none: the network sees the whole raster at full scale, as elsewhere. same: it sees it at 1/4 scale first, and only the most uncertain patches at full scale; faster, for networks that bear it.</source>
        <translation>none : le réseau voit tout le raster en pleine résolution, comme ailleurs. same : il le voit d'abord à l'échelle 1/4, et seules les tuiles les plus incertaines en pleine résolution ; plus rapide, pour les réseaux qui le supportent.</translation>
    </message>
    <message>
        <source>Side of the windows, in pixels</source>
        <translation>Côté des fenêtres, en pixels</translation>
    </message>
    <message>
        <source>Only for networks that take images of any size; left empty, what the file says, else 512.</source>
        <translation>Seulement pour les réseaux qui prennent des images de toute taille ; laissé vide, ce que dit le fichier, sinon 512.</translation>
    </message>
    <message>
        <source>Numbers of the raster</source>
        <translation>Nombres du raster</translation>
    </message>
    <message>
        <source>The data type of the imagery that the network was trained on; auto is that of a network that takes whole numbers, else uint8, to which other imagery is stretched.</source>
        <translation>Le type de données des images sur lesquelles le réseau a été entraîné ; auto est celui d'un réseau qui prend des nombres entiers, sinon uint8, auquel les autres images sont étirées.</translation>
    </message>
    <message>
        <source>Output with the classes</source>
        <translation>Sortie contenant les classes</translation>
    </message>
    <message>
        <source>Its name, for networks with several outputs.</source>
        <translation>Son nom, pour les réseaux à plusieurs sorties.</translation>
    </message>
    <message>
        <source>Axes of the input</source>
        <translation>Axes de l'entrée</translation>
    </message>
    <message>
        <source>NCHW: batch, bands, height, width, as from PyTorch. NHWC: bands last, as from TensorFlow. auto finds it out.</source>
        <translation>NCHW : lot, bandes, hauteur, largeur, comme de PyTorch. NHWC : bandes en dernier, comme de TensorFlow. auto le détermine.</translation>
    </message>
    <message>
        <source>Scores of the output</source>
        <translation>Scores de la sortie</translation>
    </message>
    <message>
        <source>Whether softmax or sigmoid are part of the network (probabilities) or not (logits); auto finds it out.</source>
        <translation>Si softmax ou sigmoïde font partie du réseau (probabilities) ou non (logits) ; auto le détermine.</translation>
    </message>
    <message>
        <source>Made from</source>
        <translation>Fait à partir de</translation>
    </message>
    <message>
        <source>What the network was trained on, in a sentence: for those who choose the model.</source>
        <translation>Sur quoi le réseau a été entraîné, en une phrase : pour ceux qui choisissent le modèle.</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Licence</translation>
    </message>
    <message>
        <source>Of the weights.</source>
        <translation>Des poids.</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Dossier</translation>
    </message>
    <message>
        <source>Where the model is written; left empty, the folder of your models, from which 'Segment raster' offers it by name.</source>
        <translation>Où le modèle est écrit ; laissé vide, le dossier de vos modèles, d'où « Segmenter un raster » le propose par son nom.</translation>
    </message>
    <message>
        <source>Replace a model of this name</source>
        <translation>Remplacer un modèle de ce nom</translation>
    </message>
    <message>
        <source>Otherwise a model that is there already stays, and nothing is imported.</source>
        <translation>Sinon, un modèle déjà présent reste, et rien n'est importé.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modèle</translation>
    </message>
    <message>
        <source>The model bundle that was written.</source>
        <translation>Le paquet de modèle écrit.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>The name of the model.</source>
        <translation>Le nom du modèle.</translation>
    </message>
    <message>
        <source>Network in ONNX (*.onnx);;All files (*)</source>
        <translation>Réseau en ONNX (*.onnx);;Tous les fichiers (*)</translation>
    </message>
    <message>
        <source>'Segment raster' offers it as {}.</source>
        <translation>« Segmenter un raster » le propose sous le nom {}.</translation>
    </message>
    <message>
        <source>Legend as a picture</source>
        <translation>Légende en image</translation>
    </message>
    <message>
        <source>legend,key,print layout,map,picture,png,classes,uncertainty,colours</source>
        <translation>légende,mise en page,carte,image,PNG,classes,incertitude,couleurs</translation>
    </message>
    <message>
        <source>Draws the legend of class and uncertainty rasters as a picture for a print layout, a report or a slide: every class with colour and name, and the ramp of the uncertainty, as the layers are styled now.</source>
        <translation>Dessine la légende de rasters de classes et d'incertitude comme image pour une mise en page, un rapport ou une présentation : chaque classe avec sa couleur et son nom, et la rampe de l'incertitude, avec le style actuel des couches.</translation>
    </message>
    <message>
        <source>Rasters</source>
        <translation>Rasters</translation>
    </message>
    <message>
        <source>The layers whose legend is drawn, such as the classes and the uncertainty of a run.</source>
        <translation>Les couches dont la légende est dessinée, par exemple les classes et l'incertitude d'une exécution.</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titre</translation>
    </message>
    <message>
        <source>Written above the legend.</source>
        <translation>Écrit au-dessus de la légende.</translation>
    </message>
    <message>
        <source>Dots per inch</source>
        <translation>DPI</translation>
    </message>
    <message>
        <source>Pixels per inch of paper: 300 for print, 96 for a screen.</source>
        <translation>Pixels par pouce de papier : 300 pour l'impression, 96 pour un écran.</translation>
    </message>
    <message>
        <source>Clear ground</source>
        <translation>Fond transparent</translation>
    </message>
    <message>
        <source>Leaves the ground transparent instead of white.</source>
        <translation>Laisse le fond transparent au lieu de blanc.</translation>
    </message>
    <message>
        <source>Legend</source>
        <translation>Légende</translation>
    </message>
    <message>
        <source>The picture to write (PNG).</source>
        <translation>L'image à écrire (PNG).</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
    <message>
        <source>Segment raster</source>
        <translation>Segmenter un raster</translation>
    </message>
    <message>
        <source>land cover,classification,semantic segmentation,deep learning,neural network,onnx,uncertainty,orthophoto,aerial,satellite,ultra-high resolution</source>
        <translation>occupation du sol,classification,segmentation sémantique,apprentissage profond,réseau de neurones,ONNX,incertitude,orthophoto,aérien,satellite,très haute résolution</translation>
    </message>
    <message>
        <source>Segments a raster of any size into the classes of a model, and maps where the result is uncertain. The whole raster is seen at 1/4 scale first; then the patches where that leaves most doubt are seen at full scale, and both views are joined.</source>
        <translation>Segmente un raster de taille quelconque dans les classes d'un modèle et cartographie où le résultat est incertain. Tout le raster est d'abord vu à l'échelle 1/4 ; puis les tuiles où le doute reste le plus grand sont vues à pleine résolution, et les deux vues sont réunies.</translation>
    </message>
    <message>
        <source>A raster file with the bands that the model expects.</source>
        <translation>Un fichier raster avec les bandes que le modèle attend.</translation>
    </message>
    <message>
        <source>The name of a model, or the path of its bundle (*.uhrs); left empty, the one that comes with the plugin.</source>
        <translation>Le nom d'un modèle ou le chemin de son paquet (*.uhrs) ; s'il est laissé vide, celui qui accompagne l'extension.</translation>
    </message>
    <message>
        <source>Bands, in the model's order</source>
        <translation>Bandes, dans l'ordre du modèle</translation>
    </message>
    <message>
        <source>The bands to give to the model, in its order (red, green, blue for the bundled one); left empty, they are found by colour interpretation and description, or the first ones where the raster has none.</source>
        <translation>Les bandes à donner au modèle, dans son ordre (rouge, vert, bleu pour celui qui est fourni) ; laissées vides, elles sont trouvées par l'interprétation des couleurs et la description, ou ce sont les premières si le raster n'en a pas.</translation>
    </message>
    <message>
        <source>Alpha bands</source>
        <translation>Bandes alpha</translation>
    </message>
    <message>
        <source>What an alpha band is: auto and mask, 0 in it means no data; data, a band like others, such as near infrared that is labelled alpha.</source>
        <translation>Ce qu'est une bande alpha : auto et mask, 0 y veut dire sans données ; data, une bande comme les autres, par exemple un proche infrarouge étiqueté alpha.</translation>
    </message>
    <message>
        <source>Stretch to 8 bits</source>
        <translation>Étirer à 8 bits</translation>
    </message>
    <message>
        <source>How 16-bit or decimal numbers come to a model of 8 bits: auto, linearly between two percentiles of each band; none, not at all; or two numbers LOW,HIGH that become 0 and 255 in all bands.</source>
        <translation>Comment des nombres à 16 bits ou décimaux arrivent à un modèle à 8 bits : auto, linéairement entre deux centiles de chaque bande ; none, pas du tout ; ou deux nombres LOW,HIGH qui deviennent 0 et 255 dans toutes les bandes.</translation>
    </message>
    <message>
        <source>Only this part of the raster is segmented; an extent in another coordinate system is transformed. Left empty, all of it.</source>
        <translation>Seule cette partie du raster est segmentée ; une emprise dans un autre système de coordonnées est transformée. Laissée vide, tout le raster.</translation>
    </message>
    <message>
        <source>Area of interest</source>
        <translation>Zone d'intérêt</translation>
    </message>
    <message>
        <source>Only what lies in these polygons is segmented; the rest becomes no data and costs nothing. Any layer of polygons does, also one that is being drawn (Raster &gt; UHRS segmentation &gt; Draw an area of interest).</source>
        <translation>Seul ce qui se trouve dans ces polygones est segmenté ; le reste devient sans données et ne coûte rien. Toute couche de polygones convient, même une en train d'être dessinée (Raster &gt; UHRS segmentation &gt; Dessiner une zone d'intérêt).</translation>
    </message>
    <message>
        <source>Share of patches to refine, K</source>
        <translation>Part des tuiles à raffiner, K</translation>
    </message>
    <message>
        <source>The share of patches, 0 to 1, that are seen at full scale, the most uncertain first: 0 is fastest, 1 is most thorough. Left empty, what the model suggests.</source>
        <translation>La part des tuiles, de 0 à 1, vues à pleine résolution, les plus incertaines d'abord : 0 est le plus rapide, 1 le plus complet. Laissée vide, ce que propose le modèle.</translation>
    </message>
    <message>
        <source>Least uncertainty, instead of K</source>
        <translation>Plus petite incertitude, au lieu de K</translation>
    </message>
    <message>
        <source>Instead of a fixed share, all patches whose mean uncertainty (0 to 1) reaches this number are refined.</source>
        <translation>Au lieu d'une part fixe, toutes les tuiles dont l'incertitude moyenne (0 à 1) atteint ce nombre sont raffinées.</translation>
    </message>
    <message>
        <source>Minutes for the run, instead of K</source>
        <translation>Minutes d'exécution, au lieu de K</translation>
    </message>
    <message>
        <source>Instead of a fixed share, the most uncertain patches are refined until the run has taken this long.</source>
        <translation>Au lieu d'une part fixe, les tuiles les plus incertaines sont raffinées jusqu'à ce que l'exécution ait pris ce temps.</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Périphérique</translation>
    </message>
    <message>
        <source>Where the model runs: auto takes the best that the installed onnxruntime offers, else the processor (cpu); cuda:1 is the second NVIDIA card, cuda:all are all of them at once.</source>
        <translation>Où calcule le modèle : auto prend le meilleur qu'offre l'onnxruntime installé, sinon le processeur (cpu) ; cuda:1 est la deuxième carte NVIDIA, cuda:all toutes à la fois.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Précision</translation>
    </message>
    <message>
        <source>float computes in floating point; int8 in 8 bits, with nearly the same classes, where the model has such graphs; auto takes 8 bits on processors that are faster so.</source>
        <translation>float calcule en virgule flottante ; int8 en 8 bits, avec presque les mêmes classes, si le modèle a de tels graphes ; auto prend 8 bits sur les processeurs qui y gagnent en vitesse.</translation>
    </message>
    <message>
        <source>Pixel size: auto, native or metres</source>
        <translation>Taille du pixel : auto, native ou mètres</translation>
    </message>
    <message>
        <source>auto reads the raster at the pixel size that the model was made for, where its own is more than 1.4 times finer or coarser; native always at its own; a number is a pixel size in metres.</source>
        <translation>auto lit le raster à la taille de pixel pour laquelle le modèle est fait, si la sienne est plus de 1,4 fois plus fine ou plus grossière ; native toujours à la sienne ; un nombre est une taille de pixel en mètres.</translation>
    </message>
    <message>
        <source>Pixels of the outputs</source>
        <translation>Pixels des rendus</translation>
    </message>
    <message>
        <source>Where the raster is read at another pixel size: working writes the outputs at that one, input in the raster's own pixels.</source>
        <translation>Quand le raster est lu à une autre taille de pixel : working écrit les rendus à celle-ci, input dans les pixels du raster lui-même.</translation>
    </message>
    <message>
        <source>Uncertainty cell in pixels</source>
        <translation>Cellule d'incertitude en pixels</translation>
    </message>
    <message>
        <source>Pixels of the raster per cell of the uncertainty map: 8 is its native grid and the smallest file.</source>
        <translation>Pixels du raster par cellule de la carte d'incertitude : 8 est sa grille d'origine et le plus petit fichier.</translation>
    </message>
    <message>
        <source>Map what is unfamiliar</source>
        <translation>Cartographier ce qui n'est pas familier</translation>
    </message>
    <message>
        <source>Adds a third band to the uncertainty map: how unlike the imagery that the model was trained on each place is, 0 to 1. Where it is high, expect errors that the other bands do not show.</source>
        <translation>Ajoute une troisième bande à la carte d'incertitude : à quel point chaque lieu diffère des images d'entraînement du modèle, de 0 à 1. Là où elle est élevée, attendez-vous à des erreurs que les autres bandes ne montrent pas.</translation>
    </message>
    <message>
        <source>Go on from an earlier run</source>
        <translation>Poursuivre une exécution précédente</translation>
    </message>
    <message>
        <source>Keeps what is finished when the run is cancelled or killed, and goes on from there when it is repeated.</source>
        <translation>Garde ce qui est fini quand l'exécution est annulée ou tuée, et poursuit à partir de là quand elle est répétée.</translation>
    </message>
    <message>
        <source>Damaged parts of the raster</source>
        <translation>Parties endommagées du raster</translation>
    </message>
    <message>
        <source>What happens where the file cannot be read: stop with an error, or treat it as no data.</source>
        <translation>Ce qui arrive là où le fichier ne peut pas être lu : stop, arrêter avec une erreur, ou nodata, le traiter comme sans données.</translation>
    </message>
    <message>
        <source>The class map to write: one number a pixel, with palette and class names (GeoTIFF).</source>
        <translation>La carte des classes à écrire : un nombre par pixel, avec palette et noms des classes (GeoTIFF).</translation>
    </message>
    <message>
        <source>The uncertainty map to write, 0 (sure) to 1: band 1 is that of the coarse view (U), which chose the patches, band 2 the final one, after refining (GeoTIFF).</source>
        <translation>La carte d'incertitude à écrire, de 0 (sûr) à 1 : la bande 1 est celle de la vue grossière (U), qui a choisi les tuiles, la bande 2 la finale, après le raffinement (GeoTIFF).</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Aperçu</translation>
    </message>
    <message>
        <source>The classes of the coarse view, one for 8 x 8 pixels, written and shown as soon as it is done, with its uncertainty beside it (GeoTIFF).</source>
        <translation>Les classes de la vue grossière, une pour 8 x 8 pixels, écrites et affichées dès qu'elle est finie, avec son incertitude à côté (GeoTIFF).</translation>
    </message>
    <message>
        <source>A file for seconds, patches, device and the area of each class (JSON).</source>
        <translation>Un fichier pour les secondes, les tuiles, le périphérique et la surface de chaque classe (JSON).</translation>
    </message>
    <message>
        <source>Refined share of patches</source>
        <translation>Part raffinée des tuiles</translation>
    </message>
    <message>
        <source>The share of patches that were refined in the end, 0 to 1.</source>
        <translation>La part des tuiles raffinées à la fin, de 0 à 1.</translation>
    </message>
    <message>
        <source>Pixels</source>
        <translation>Pixels</translation>
    </message>
    <message>
        <source>Pixels of the raster that were segmented.</source>
        <translation>Pixels du raster qui ont été segmentés.</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>Secondes</translation>
    </message>
    <message>
        <source>How long the run took.</source>
        <translation>Combien de temps a pris l'exécution.</translation>
    </message>
    <message>
        <source>Model bundle (*.uhrs);;All files (*)</source>
        <translation>Paquet de modèle (*.uhrs);;Tous les fichiers (*)</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Cancelled: run it again as it was to go on from here.</source>
        <translation>Annulé : exécutez à nouveau sans rien changer pour poursuivre à partir d'ici.</translation>
    </message>
    <message>
        <source>Bundles (*.uhrs) in this folder are offered by name: {}</source>
        <translation>Les paquets (*.uhrs) de ce dossier sont proposés par leur nom : {}</translation>
    </message>
    <message>
        <source>Preview: classes</source>
        <translation>Aperçu : classes</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modèles</translation>
    </message>
    <message>
        <source>click the corners, right click to end. Then choose this layer as area of interest in 'Segment raster'.</source>
        <translation>cliquez les coins, clic droit pour terminer. Choisissez ensuite cette couche comme zone d'intérêt dans « Segmenter un raster ».</translation>
    </message>
    <message>
        <source>Takes perhaps {} and {} GB of memory; the first run will measure this computer.</source>
        <translation>Prend peut-être {} et {} Go de mémoire ; la première exécution mesurera cet ordinateur.</translation>
    </message>
    <message>
        <source>Takes about {} on {}, as measured on this computer, and {} GB of memory.</source>
        <translation>Prend environ {} sur {}, d'après les mesures sur cet ordinateur, et {} Go de mémoire.</translation>
    </message>
    <message>
        <source>{} x {} pixels</source>
        <translation>{} x {} pixels</translation>
    </message>
    <message>
        <source>The raster lies on a server: what is read of it comes over the network.</source>
        <translation>Le raster se trouve sur un serveur : ce qui en est lu passe par le réseau.</translation>
    </message>
    <message>
        <source>Takes {}, as asked for.</source>
        <translation>Prend {}, comme demandé.</translation>
    </message>
    <message>
        <source>The raster lies on a server: about {} of its {} MB are read.</source>
        <translation>Le raster se trouve sur un serveur : environ {} de ses {} Mo sont lus.</translation>
    </message>
    <message>
        <source>{} to {}</source>
        <translation>{} à {}</translation>
    </message>
    <message>
        <source>{} of {} m</source>
        <translation>{} de {} m</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>inconnu</translation>
    </message>
    <message>
        <source>any pixel size</source>
        <translation>taille de pixel quelconque</translation>
    </message>
    <message>
        <source>Bands</source>
        <translation>Bandes</translation>
    </message>
    <message>
        <source>{} classes</source>
        <translation>{} classes</translation>
    </message>
    <message>
        <source>Choose another model bundle (*.uhrs)</source>
        <translation>Choisir un autre paquet de modèle (*.uhrs)</translation>
    </message>
    <message>
        <source>Fit of the raster to the model</source>
        <translation>Adéquation du raster au modèle</translation>
    </message>
    <message>
        <source>{} % done, about {} left</source>
        <translation>{} % fait, encore {} environ</translation>
    </message>
    <message>
        <source>Uncertain regions</source>
        <translation>Régions incertaines</translation>
    </message>
    <message>
        <source>uncertainty,doubt,review,quality,check,correct,active learning,hot spots,polygons,polygonize,vectorize,segmentation,classification</source>
        <translation>incertitude,doute,vérification,qualité,contrôler,corriger,apprentissage actif,points chauds,polygones,polygoniser,vectoriser,segmentation,classification</translation>
    </message>
    <message>
        <source>Outlines the places of a segmented raster that are worth a look: where the uncertainty is highest. They are ranked by what looking at them brings, which is their area times their mean uncertainty: rank 1 comes first.</source>
        <translation>Délimite les endroits d'un raster segmenté qui méritent un regard : là où l'incertitude est la plus élevée. Ils sont classés d'après ce que le regard apporte, à savoir leur surface fois leur incertitude moyenne : le rang 1 vient d'abord.</translation>
    </message>
    <message>
        <source>The uncertainty raster that 'Segment raster' wrote.</source>
        <translation>Le raster d'incertitude écrit par « Segmenter un raster ».</translation>
    </message>
    <message>
        <source>Band (default: the final uncertainty)</source>
        <translation>Bande (par défaut : l'incertitude finale)</translation>
    </message>
    <message>
        <source>Band 2 is the final uncertainty, the doubt that is left in the result, and the default where the raster has it; band 1 (U) tells where the coarse view was unsure, much of which has been refined since.</source>
        <translation>La bande 2 est l'incertitude finale, le doute qui reste dans le résultat, prise par défaut si le raster l'a ; la bande 1 (U) dit où la vue grossière était incertaine, dont une grande partie a été raffinée depuis.</translation>
    </message>
    <message>
        <source>The class raster of the same run; with it each region tells its most frequent class and the one after it.</source>
        <translation>Le raster de classes de la même exécution ; avec lui, chaque région indique sa classe la plus fréquente et la suivante.</translation>
    </message>
    <message>
        <source>Share of the area, per cent</source>
        <translation>Part de la surface, en pour cent</translation>
    </message>
    <message>
        <source>The most uncertain part of the area, in per cent, that regions are made of.</source>
        <translation>La partie la plus incertaine de la surface, en pour cent, dont sont faites les régions.</translation>
    </message>
    <message>
        <source>Uncertainty threshold, instead of a share</source>
        <translation>Seuil d'incertitude, au lieu d'une part</translation>
    </message>
    <message>
        <source>Instead of a share of the area, all cells whose uncertainty (0 to 1) reaches this number.</source>
        <translation>Au lieu d'une part de la surface, toutes les cellules dont l'incertitude (0 à 1) atteint ce nombre.</translation>
    </message>
    <message>
        <source>Spread over squares of so many cells (0: no)</source>
        <translation>Répartir sur des carrés de ce nombre de cellules (0 : non)</translation>
    </message>
    <message>
        <source>Each square of so many cells (16 or more) gives the share of its own area, and the ranks go round: first the most important region of every square, then the second of each. So the first regions lie all over the raster when the doubts sit in one corner or are all alike; it does nothing with a threshold.</source>
        <translation>Chaque carré de ce nombre de cellules (16 ou plus) donne la part de sa propre surface, et les rangs tournent : d'abord la région la plus importante de chaque carré, puis la deuxième de chacun. Ainsi les premières régions sont réparties sur tout le raster, même si les doutes se trouvent dans un coin ou sont tous semblables ; sans effet avec un seuil.</translation>
    </message>
    <message>
        <source>Smallest region, in cells of 8 x 8 pixels</source>
        <translation>Plus petite région, en cellules de 8 x 8 pixels</translation>
    </message>
    <message>
        <source>Regions of fewer cells of the uncertainty raster are left out; a cell is 8 x 8 pixels of the image unless the run was told otherwise.</source>
        <translation>Les régions de moins de cellules du raster d'incertitude sont omises ; une cellule fait 8 x 8 pixels de l'image, sauf si l'exécution en a décidé autrement.</translation>
    </message>
    <message>
        <source>Merge across, in cells</source>
        <translation>Réunir par-dessus, en cellules</translation>
    </message>
    <message>
        <source>Uncertain cells become one region when at most this many cells lie between them; at 0 they must touch, if only at a corner.</source>
        <translation>Des cellules incertaines deviennent une seule région quand au plus ce nombre de cellules les sépare ; avec 0 elles doivent se toucher, ne serait-ce qu'à un coin.</translation>
    </message>
    <message>
        <source>Most regions</source>
        <translation>Nombre maximal de régions</translation>
    </message>
    <message>
        <source>Only so many regions are written, the most important ones.</source>
        <translation>Seul ce nombre de régions est écrit, les plus importantes.</translation>
    </message>
    <message>
        <source>The layer to write, one feature a region, with rank, mean_u and max_u (uncertainty 0 to 1), area_m2 (on the ellipsoid; empty without a coordinate reference system), cells, class and class_2 (most frequent and second class), and status ('open'); choose a GeoPackage to keep it.</source>
        <translation>La couche à écrire, une entité par région, avec rank, mean_u et max_u (incertitude de 0 à 1), area_m2 (sur l'ellipsoïde ; vide sans système de coordonnées de référence), cells, class et class_2 (classe la plus fréquente et deuxième) et status (« open ») ; choisissez un GeoPackage pour la conserver.</translation>
    </message>
    <message>
        <source>Regions</source>
        <translation>Régions</translation>
    </message>
    <message>
        <source>How many regions were written.</source>
        <translation>Combien de régions ont été écrites.</translation>
    </message>
    <message>
        <source>Least uncertainty</source>
        <translation>Plus petite incertitude</translation>
    </message>
    <message>
        <source>The uncertainty, 0 to 1, from which cells were taken.</source>
        <translation>L'incertitude, de 0 à 1, à partir de laquelle les cellules ont été prises.</translation>
    </message>
    <message>
        <source>models run with the Python package onnxruntime, which is not installed yet.</source>
        <translation>les modèles ont besoin du paquet Python onnxruntime, qui n'est pas encore installé.</translation>
    </message>
    <message>
        <source>UHRS segmentation: installation</source>
        <translation>UHRS segmentation : installation</translation>
    </message>
    <message>
        <source>Install...</source>
        <translation>Installer...</translation>
    </message>
    <message>
        <source>Installing onnxruntime</source>
        <translation>Installation d'onnxruntime</translation>
    </message>
    <message>
        <source>onnxruntime cannot be downloaded: {}. Check network and proxy (Settings &gt; Options &gt; Network), or install it from a file.</source>
        <translation>onnxruntime ne peut pas être téléchargé : {}. Vérifiez le réseau et le proxy (Préférences &gt; Options &gt; Réseau), ou installez-le depuis un fichier.</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>annulé</translation>
    </message>
    <message>
        <source>The plugin knows no onnxruntime for {} on this system: install it as the page says.</source>
        <translation>L'extension ne connaît pas d'onnxruntime pour {} sur ce système : installez-le comme le dit la page.</translation>
    </message>
    <message>
        <source>What came for '{}' is not that file ({} bytes, SHA-256 {}): nothing was installed.</source>
        <translation>Ce qui est arrivé pour « {} » n'est pas ce fichier ({} octets, SHA-256 {}) : rien n'a été installé.</translation>
    </message>
    <message>
        <source>'{}' holds no wheel of onnxruntime for {}: its name has {} and this platform in it.</source>
        <translation>« {} » ne contient pas de wheel d'onnxruntime pour {} : son nom contient {} et cette plateforme.</translation>
    </message>
    <message>
        <source>The wheel is larger than any onnxruntime: nothing was installed.</source>
        <translation>Le wheel est plus grand que tout onnxruntime : rien n'a été installé.</translation>
    </message>
    <message>
        <source>The wheel would write outside of its folder: nothing was installed.</source>
        <translation>Le wheel écrirait hors de son dossier : rien n'a été installé.</translation>
    </message>
    <message>
        <source>'{}' is no wheel of onnxruntime: choose one such as onnxruntime-1.23.2-cp311-...whl.</source>
        <translation>« {} » n'est pas un wheel d'onnxruntime : choisissez-en un comme onnxruntime-1.23.2-cp311-...whl.</translation>
    </message>
    <message>
        <source>'{}' is for another Python or system: this QGIS needs {}.</source>
        <translation>« {} » est pour un autre Python ou système : ce QGIS a besoin de {}.</translation>
    </message>
    <message>
        <source>'{}' cannot be read: {}.</source>
        <translation>« {} » ne peut pas être lu : {}.</translation>
    </message>
    <message>
        <source>'{}' holds no package '{}'.</source>
        <translation>« {} » ne contient pas de paquet « {} ».</translation>
    </message>
    <message>
        <source>'{}' is damaged: download it again.</source>
        <translation>« {} » est endommagé : téléchargez-le à nouveau.</translation>
    </message>
    <message>
        <source>'{}' cannot be written: {}.</source>
        <translation>« {} » ne peut pas être écrit : {}.</translation>
    </message>
    <message>
        <source>Download onnxruntime {} (some 15 to 30 MB) from {} and unpack it into
{}

Its content is checked (SHA-256). Nothing else is installed or changed; to get rid of it, delete that folder.</source>
        <translation>Télécharger onnxruntime {} (environ 15 à 30 Mo) de {} et le décompresser dans
{}

Son contenu est vérifié (SHA-256). Rien d'autre n'est installé ni modifié ; pour s'en défaire, supprimez ce dossier.</translation>
    </message>
    <message>
        <source>Unpack {} into
{}

Nothing else is installed or changed.</source>
        <translation>Décompresser {} dans
{}

Rien d'autre n'est installé ni modifié.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>This file is none of those that the plugin knows: it runs with your rights, so install it only if you trust where it is from. Its SHA-256 is
{}</source>
        <translation>Ce fichier n'est aucun de ceux que l'extension connaît : il s'exécute avec vos droits, installez-le donc seulement si vous faites confiance à son origine. Son SHA-256 est
{}</translation>
    </message>
    <message>
        <source>Install from</source>
        <translation>Installer depuis</translation>
    </message>
    <message>
        <source>File...</source>
        <translation>Fichier...</translation>
    </message>
    <message>
        <source>Folder...</source>
        <translation>Dossier...</translation>
    </message>
    <message>
        <source>Copy command</source>
        <translation>Copier la commande</translation>
    </message>
    <message>
        <source>Wheel of onnxruntime</source>
        <translation>Wheel d'onnxruntime</translation>
    </message>
    <message>
        <source>Folder with wheels of onnxruntime</source>
        <translation>Dossier avec des wheels d'onnxruntime</translation>
    </message>
    <message>
        <source>Installing ...</source>
        <translation>Installation ...</translation>
    </message>
    <message>
        <source>Cancelled: nothing was installed.</source>
        <translation>Annulé : rien n'a été installé.</translation>
    </message>
    <message>
        <source>Installed, but Python does not find it: restart QGIS.</source>
        <translation>Installé, mais Python ne le trouve pas : redémarrez QGIS.</translation>
    </message>
    <message>
        <source>onnxruntime is installed: 'Segment raster' is ready. 'Diagnostics' tells how fast it is.</source>
        <translation>onnxruntime est installé : « Segmenter un raster » est prêt. « Diagnostic » dit à quelle vitesse.</translation>
    </message>
    <message>
        <source>The legend would have {} x {} pixels: choose fewer dots per inch.</source>
        <translation>La légende aurait {} x {} pixels : choisissez un DPI plus petit.</translation>
    </message>
    <message>
        <source>Layer '{}' has no legend: give it classes or a colour ramp.</source>
        <translation>La couche « {} » n'a pas de légende : donnez-lui des classes ou une rampe de couleurs.</translation>
    </message>
    <message>
        <source>1: unsure</source>
        <translation>1 : incertain</translation>
    </message>
    <message>
        <source>up to {}: sure</source>
        <translation>jusqu'à {} : sûr</translation>
    </message>
    <message>
        <source>open</source>
        <translation>ouverte</translation>
    </message>
    <message>
        <source>right</source>
        <translation>juste</translation>
    </message>
    <message>
        <source>wrong</source>
        <translation>fausse</translation>
    </message>
    <message>
        <source>unsure</source>
        <translation>incertaine</translation>
    </message>
    <message>
        <source>not judged</source>
        <translation>non jugée</translation>
    </message>
    <message>
        <source>Segment raster...</source>
        <translation>Segmenter un raster...</translation>
    </message>
    <message>
        <source>Draw an area of interest</source>
        <translation>Dessiner une zone d'intérêt</translation>
    </message>
    <message>
        <source>Review uncertain regions</source>
        <translation>Vérifier les régions incertaines</translation>
    </message>
    <message>
        <source>UHRS segmentation (uncertainty-guided, ultra-high resolution)</source>
        <translation>UHRS segmentation (guidée par l'incertitude, très haute résolution)</translation>
    </message>
    <message>
        <source>'{}' is closed. All judgements are saved in its file.</source>
        <translation>« {} » est fermée. Tous les jugements sont enregistrés dans son fichier.</translation>
    </message>
    <message>
        <source>'{}' has no polygons to review: choose another layer.</source>
        <translation>« {} » n'a pas de polygones à vérifier : choisissez une autre couche.</translation>
    </message>
    <message>
        <source>All regions of this list are judged.</source>
        <translation>Toutes les régions de cette liste sont jugées.</translation>
    </message>
    <message>
        <source>Save regions as</source>
        <translation>Enregistrer les régions sous</translation>
    </message>
    <message>
        <source>This is the end of the list.</source>
        <translation>C'est la fin de la liste.</translation>
    </message>
    <message>
        <source>This is the start of the list.</source>
        <translation>C'est le début de la liste.</translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation>Il n'y a rien à annuler.</translation>
    </message>
    <message>
        <source>There is no region to judge: open a layer and choose one.</source>
        <translation>Il n'y a pas de région à juger : ouvrez une couche et choisissez-en une.</translation>
    </message>
    <message>
        <source>Open a layer and choose a class first, then draw.</source>
        <translation>Ouvrez d'abord une couche et choisissez une classe, puis dessinez.</translation>
    </message>
    <message>
        <source>Open a layer of regions first, then add classes.</source>
        <translation>Ouvrez d'abord une couche de régions, puis ajoutez des classes.</translation>
    </message>
    <message>
        <source>Kept: this part is {}.</source>
        <translation>Enregistré : cette partie est {}.</translation>
    </message>
    <message>
        <source>'{}' is class {} of this review from now on.</source>
        <translation>« {} » est désormais la classe {} de cette vérification.</translation>
    </message>
    <message>
        <source>There is no class '{}': choose one of the list.</source>
        <translation>Il n'y a pas de classe « {} » : choisissez-en une dans la liste.</translation>
    </message>
    <message>
        <source>The table '{}' in '{}' holds no polygons and is not ours: rename it.</source>
        <translation>La table « {} » de « {} » ne contient pas de polygones et n'est pas la nôtre : renommez-la.</translation>
    </message>
    <message>
        <source>The table '{}' in '{}' lacks {} and is not ours: rename it.</source>
        <translation>Il manque à la table « {} » de « {} » : {}. Elle n'est pas la nôtre : renommez-la.</translation>
    </message>
    <message>
        <source>'{}' is being edited: save or cancel the edits (Toggle Editing), then go on drawing.</source>
        <translation>« {} » est en cours d'édition : enregistrez ou annulez les modifications (Basculer en mode édition), puis continuez à dessiner.</translation>
    </message>
    <message>
        <source>'{}' is read-only: save a copy of the regions as a GeoPackage to draw.</source>
        <translation>« {} » est en lecture seule : enregistrez une copie des régions comme GeoPackage pour dessiner.</translation>
    </message>
    <message>
        <source>QGIS does not open it</source>
        <translation>QGIS ne l'ouvre pas</translation>
    </message>
    <message>
        <source>Corrections of {}</source>
        <translation>Corrections de {}</translation>
    </message>
    <message>
        <source>No table for corrections can be made in '{}': {}.</source>
        <translation>Aucune table de corrections ne peut être créée dans « {} » : {}.</translation>
    </message>
    <message>
        <source>The correction is NOT saved: {}. Try again.</source>
        <translation>La correction n'est PAS enregistrée : {}. Réessayez.</translation>
    </message>
    <message>
        <source>The correction stays: {}.</source>
        <translation>La correction reste : {}.</translation>
    </message>
    <message>
        <source>The numbers of the classes are not known: choose the class raster below.</source>
        <translation>Les numéros des classes ne sont pas connus : choisissez ci-dessous le raster de classes.</translation>
    </message>
    <message>
        <source>No number is left for another class: {} is the largest one.</source>
        <translation>Il ne reste pas de numéro pour une autre classe : {} est le plus grand.</translation>
    </message>
    <message>
        <source>A class needs a name of 1 to {} characters.</source>
        <translation>Une classe a besoin d'un nom de 1 à {} caractères.</translation>
    </message>
    <message>
        <source>There is a class '{}' already: choose it in the list.</source>
        <translation>Il y a déjà une classe « {} » : choisissez-la dans la liste.</translation>
    </message>
    <message>
        <source>The class '{}' is NOT added: {}. Try again.</source>
        <translation>La classe « {} » n'est PAS ajoutée : {}. Réessayez.</translation>
    </message>
    <message>
        <source>'{}' exists already and may hold judgements: choose another name.</source>
        <translation>« {} » existe déjà et peut contenir des jugements : choisissez un autre nom.</translation>
    </message>
    <message>
        <source>'{}' was written, yet QGIS does not open it.</source>
        <translation>« {} » a été écrit, mais QGIS ne l'ouvre pas.</translation>
    </message>
    <message>
        <source>the file took other values</source>
        <translation>le fichier a pris d'autres valeurs</translation>
    </message>
    <message>
        <source>The region is gone: somebody has deleted it.</source>
        <translation>La région a disparu : quelqu'un l'a supprimée.</translation>
    </message>
    <message>
        <source>'{}' lives in memory only and would be lost with QGIS: save it as a GeoPackage to judge.</source>
        <translation>« {} » n'est qu'en mémoire et serait perdue avec QGIS : enregistrez-la comme GeoPackage pour juger.</translation>
    </message>
    <message>
        <source>The file of '{}' was deleted or replaced since it was opened: nothing more is saved. Reopen it.</source>
        <translation>Le fichier de « {} » a été supprimé ou remplacé depuis son ouverture : plus rien n'est enregistré. Rouvrez-le.</translation>
    </message>
    <message>
        <source>'{}' is read-only: save a copy as a GeoPackage to judge.</source>
        <translation>« {} » est en lecture seule : enregistrez une copie comme GeoPackage pour juger.</translation>
    </message>
    <message>
        <source>The field '{}' of '{}' must hold {} to keep judgements: rename it (layer properties, Fields).</source>
        <translation>Le champ « {} » de « {} » doit contenir des {} pour garder les jugements : renommez-le (propriétés de la couche, Champs).</translation>
    </message>
    <message>
        <source>'{}' lacks the fields that keep judgements: {}.</source>
        <translation>« {} » n'a pas les champs qui gardent les jugements : {}.</translation>
    </message>
    <message>
        <source>numbers</source>
        <translation>nombres</translation>
    </message>
    <message>
        <source>text</source>
        <translation>textes</translation>
    </message>
    <message>
        <source>'{}' is being edited: save or cancel the edits (Toggle Editing), then go on. Judgements made so far are saved.</source>
        <translation>« {} » est en cours d'édition : enregistrez ou annulez les modifications (Basculer en mode édition), puis continuez. Les jugements faits jusqu'ici sont enregistrés.</translation>
    </message>
    <message>
        <source>The judgement is NOT saved: {}. Try again.</source>
        <translation>Le jugement n'est PAS enregistré : {}. Réessayez.</translation>
    </message>
    <message>
        <source>the file does not take it</source>
        <translation>le fichier ne l'accepte pas</translation>
    </message>
    <message>
        <source>The number of class '{}' is not known: choose the class raster below.</source>
        <translation>Le numéro de la classe « {} » n'est pas connu : choisissez ci-dessous le raster de classes.</translation>
    </message>
    <message>
        <source>'{}' is in no file: save it as a GeoPackage to add classes.</source>
        <translation>« {} » n'est dans aucun fichier : enregistrez-la comme GeoPackage pour ajouter des classes.</translation>
    </message>
    <message>
        <source>{} has judged this region meanwhile ({}): nothing was changed. Judge again to overrule.</source>
        <translation>{} a jugé cette région entre-temps ({}) : rien n'a été changé. Jugez à nouveau pour passer outre.</translation>
    </message>
    <message>
        <source>This point does not show the class of the map: choose the class that it is (keys 1 to 9).</source>
        <translation>Ce point ne montre pas la classe de la carte : choisissez de quelle classe il est (touches 1 à 9).</translation>
    </message>
    <message>
        <source>Choose which class this point is (keys 1 to 9).</source>
        <translation>Choisissez de quelle classe est ce point (touches 1 à 9).</translation>
    </message>
    <message>
        <source>Choose a region first.</source>
        <translation>Choisissez d'abord une région.</translation>
    </message>
    <message>
        <source>Somebody else</source>
        <translation>Quelqu'un d'autre</translation>
    </message>
    <message>
        <source>The drawn correction is gone already.</source>
        <translation>La correction dessinée a déjà disparu.</translation>
    </message>
    <message>
        <source>'{}' is in no file: save it as a GeoPackage to draw corrections beside it.</source>
        <translation>« {} » n'est dans aucun fichier : enregistrez-la comme GeoPackage pour dessiner des corrections à côté.</translation>
    </message>
    <message>
        <source>That is no area: click at least three corners that are not in one line.</source>
        <translation>Ce n'est pas une surface : cliquez au moins trois coins qui ne sont pas alignés.</translation>
    </message>
    <message>
        <source>A polygon needs at least three corners: click more, or press Esc.</source>
        <translation>Un polygone a besoin d'au moins trois coins : cliquez-en d'autres ou appuyez sur Échap.</translation>
    </message>
    <message>
        <source>This region has no polygon: the map stays where it is.</source>
        <translation>Cette région n'a pas de polygone : la carte reste où elle est.</translation>
    </message>
    <message>
        <source>This region lies where the map's coordinate reference system does not reach: choose another one for the project.</source>
        <translation>Cette région se trouve hors de portée du système de coordonnées de référence de la carte : choisissez-en un autre pour le projet.</translation>
    </message>
    <message>
        <source>The drawing lies where the CRS of the regions does not reach.</source>
        <translation>Le dessin se trouve hors de portée du SCR des régions.</translation>
    </message>
    <message>
        <source>Add the fields</source>
        <translation>Ajouter les champs</translation>
    </message>
    <message>
        <source>Save as...</source>
        <translation>Enregistrer sous...</translation>
    </message>
    <message>
        <source>Reopen</source>
        <translation>Rouvrir</translation>
    </message>
    <message>
        <source>The regions of '{}' are gone. Choose another layer.</source>
        <translation>Les régions de « {} » ont disparu. Choisissez une autre couche.</translation>
    </message>
    <message>
        <source>A class that the model does not know. Draw it, or judge regions to be it: 'Corrected classes' and 'Training samples' keep its name and colour, so that a model can learn it.</source>
        <translation>Une classe que le modèle ne connaît pas. Dessinez-la, ou jugez que des régions en sont : « Classes corrigées » et « Échantillons d'entraînement » gardent son nom et sa couleur, pour qu'un modèle puisse l'apprendre.</translation>
    </message>
    <message>
        <source>New class</source>
        <translation>Nouvelle classe</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Couleur</translation>
    </message>
    <message>
        <source>Choose above the regions to review. 'Uncertain regions' in the Processing Toolbox makes them.</source>
        <translation>Choisissez ci-dessus les régions à vérifier. « Régions incertaines », dans la Boîte à outils de traitements, les produit.</translation>
    </message>
    <message>
        <source>'{}' has no regions.</source>
        <translation>« {} » n'a pas de régions.</translation>
    </message>
    <message>
        <source>no regions</source>
        <translation>aucune région</translation>
    </message>
    <message>
        <source>{} of {}, {} % of the doubtful area</source>
        <translation>{} sur {}, {} % de la surface douteuse</translation>
    </message>
    <message>
        <source>Classified as {}</source>
        <translation>Classée comme {}</translation>
    </message>
    <message>
        <source>Judged: {}</source>
        <translation>Jugée : {}</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} sur {}</translation>
    </message>
    <message>
        <source>Part {} of {}: {}</source>
        <translation>Partie {} sur {} : {}</translation>
    </message>
    <message>
        <source>{}, then {}</source>
        <translation>{}, puis {}</translation>
    </message>
    <message>
        <source>by {}</source>
        <translation>par {}</translation>
    </message>
    <message>
        <source>(up to {})</source>
        <translation>(jusqu'à {})</translation>
    </message>
    <message>
        <source>R right, S unsure; 1 to 9 choose a class, then W all of it, D or B a part</source>
        <translation>R juste, S incertaine ; 1 à 9 choisissent une classe, puis W pour tout, D ou B pour une partie</translation>
    </message>
    <message>
        <source>R right, S unsure; 1 to 9 judge at once: it is that class</source>
        <translation>R juste, S incertaine ; 1 à 9 jugent aussitôt : c’est cette classe</translation>
    </message>
    <message>
        <source>Draw a part that is the class chosen above: left click sets corners, right click ends, Backspace takes a corner back, Esc drops the drawing</source>
        <translation>Dessiner une partie qui est de la classe choisie ci-dessus : le clic gauche pose des coins, le clic droit termine, Retour arrière reprend un coin, Échap abandonne le dessin</translation>
    </message>
    <message>
        <source>Paint a part that is the class chosen above: hold the left button down; Esc drops the stroke</source>
        <translation>Peindre une partie qui est de la classe choisie ci-dessus : gardez le bouton gauche enfoncé ; Échap abandonne le trait</translation>
    </message>
    <message>
        <source>Previous</source>
        <translation>Précédent</translation>
    </message>
    <message>
        <source>Go to the region before</source>
        <translation>Aller à la région précédente</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Suivant</translation>
    </message>
    <message>
        <source>Go to the region after</source>
        <translation>Aller à la région suivante</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>Trouver</translation>
    </message>
    <message>
        <source>Show this region on the map again, and flash it</source>
        <translation>Montrer à nouveau cette région sur la carte et la faire clignoter</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Take your last judgement or drawn correction back</source>
        <translation>Reprendre votre dernier jugement ou votre dernière correction dessinée</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Juste</translation>
    </message>
    <message>
        <source>The classes are right in this region</source>
        <translation>Les classes sont justes dans cette région</translation>
    </message>
    <message>
        <source>Unsure</source>
        <translation>Incertaine</translation>
    </message>
    <message>
        <source>You cannot tell: the region counts as seen and trains nothing</source>
        <translation>Impossible à dire : la région compte comme vue et ne sert pas à l'entraînement</translation>
    </message>
    <message>
        <source>Wrong</source>
        <translation>Fausse</translation>
    </message>
    <message>
        <source>All of this region is the class chosen below</source>
        <translation>Toute cette région est de la classe choisie ci-dessous</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>Dessiner</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>Peindre</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Image</translation>
    </message>
    <message>
        <source>Show or hide the image</source>
        <translation>Afficher ou masquer l'image</translation>
    </message>
    <message>
        <source>Show or hide the classes</source>
        <translation>Afficher ou masquer les classes</translation>
    </message>
    <message>
        <source>Show or hide the uncertainty</source>
        <translation>Afficher ou masquer l'incertitude</translation>
    </message>
    <message>
        <source>Go on to the next one</source>
        <translation>Passer à la suivante</translation>
    </message>
    <message>
        <source>After a judgement, go to the next region that nobody has judged</source>
        <translation>Après un jugement, aller à la prochaine région que personne n'a jugée</translation>
    </message>
    <message>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <source>Width of the brush on the screen</source>
        <translation>Largeur du pinceau à l'écran</translation>
    </message>
    <message>
        <source>Your name, which is kept with each of your judgements</source>
        <translation>Votre nom, gardé avec chacun de vos jugements</translation>
    </message>
    <message>
        <source>Your name</source>
        <translation>Votre nom</translation>
    </message>
    <message>
        <source>People who share the work take one part each: every second, third ... region</source>
        <translation>Les personnes qui se partagent le travail prennent chacune une partie : une région sur deux, sur trois ...</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Afficher</translation>
    </message>
    <message>
        <source>part</source>
        <translation>partie</translation>
    </message>
    <message>
        <source>of</source>
        <translation>sur</translation>
    </message>
    <message>
        <source>Wrong: it is {} ({})</source>
        <translation>Fausse : c'est {} ({})</translation>
    </message>
    <message>
        <source>Wrong: it is ... ({})</source>
        <translation>Fausse : c'est ... ({})</translation>
    </message>
    <message>
        <source>Area</source>
        <translation>Surface</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Classe</translation>
    </message>
    <message>
        <source>Judged</source>
        <translation>Jugement</translation>
    </message>
    <message>
        <source>Not judged yet</source>
        <translation>Pas encore jugées</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Toutes</translation>
    </message>
    <message>
        <source>Judged by me</source>
        <translation>Jugées par moi</translation>
    </message>
    <message>
        <source>is {}</source>
        <translation>est {}</translation>
    </message>
    <message>
        <source>New class...</source>
        <translation>Nouvelle classe...</translation>
    </message>
    <message>
        <source>Add a class that the model does not know, for corrections and training samples</source>
        <translation>Ajouter une classe que le modèle ne connaît pas, pour les corrections et les échantillons d'entraînement</translation>
    </message>
    <message>
        <source>Choose below which class it is, or press its digit.</source>
        <translation>Choisissez ci-dessous de quelle classe il s'agit, ou appuyez sur son chiffre.</translation>
    </message>
    <message>
        <source>{} is chosen: W if all of the region is it, D or B to draw a part.</source>
        <translation>{} est choisie : W si toute la région en est, D ou B pour en dessiner une partie.</translation>
    </message>
    <message>
        <source>Choose first which class to draw.</source>
        <translation>Choisissez d'abord la classe à dessiner.</translation>
    </message>
    <message>
        <source>{} square units</source>
        <translation>{} unités carrées</translation>
    </message>
</context>
</TS>
